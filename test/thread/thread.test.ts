import { runSuite } from '../harness/run-suite.ts';

runSuite('Thread', 'thread/thread.mjs');
