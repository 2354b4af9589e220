import { runSuite } from '../harness/run-suite.ts';

runSuite('Group and Pool of greenlets', 'coroutine/pool.mjs');
