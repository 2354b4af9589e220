import { runSuite } from '../harness/run-suite.ts';

runSuite('Future', 'pool/future.mjs');
