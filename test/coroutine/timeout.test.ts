import { runSuite } from '../harness/run-suite.ts';

runSuite('Timeout', 'coroutine/timeout.mjs');
