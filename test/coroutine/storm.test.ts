import { runSuite } from '../harness/run-suite.ts';

runSuite('A storm of kills and time-outs', 'coroutine/storm.mjs');
