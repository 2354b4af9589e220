import { runSuite } from '../harness/run-suite.ts';

runSuite('connection.wait', 'queue/wait.mjs');
