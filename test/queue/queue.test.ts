import { runSuite } from '../harness/run-suite.ts';

runSuite('queue.Queue between threads', 'queue/queue.mjs', { env: { MEMORY: 'local', KIND: 'threads' } });
runSuite('multiprocessing.Queue between threads', 'queue/queue.mjs', { env: { MEMORY: 'system', KIND: 'threads' } });
runSuite('multiprocessing.Queue between processes', 'queue/queue.mjs', {
  env: { MEMORY: 'system', KIND: 'processes' },
});
