import { runSuite } from '../harness/run-suite.ts';

runSuite('queue.LifoQueue', 'queue/orders.mjs', { env: { CLASS: 'LifoQueue' } });
runSuite('queue.SimpleQueue', 'queue/orders.mjs', { env: { CLASS: 'SimpleQueue' } });
runSuite('multiprocessing.SimpleQueue', 'queue/orders.mjs', { env: { CLASS: 'mp.SimpleQueue' } });
