import { runSuite } from '../harness/run-suite.ts';

runSuite('Process', 'process/process.mjs');
