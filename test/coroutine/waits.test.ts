import { runSuite } from '../harness/run-suite.ts';

runSuite('Waits in greenlets', 'coroutine/waits.mjs');
