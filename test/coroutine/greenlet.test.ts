import { runSuite } from '../harness/run-suite.ts';

runSuite('Greenlet', 'coroutine/greenlet.mjs');
