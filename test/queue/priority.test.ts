import { runSuite } from '../harness/run-suite.ts';

runSuite('queue.PriorityQueue', 'queue/priority.mjs');
