import { runSuite } from '../harness/run-suite.ts';

runSuite('os', 'os/os.mjs');
