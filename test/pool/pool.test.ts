import { runSuite } from '../harness/run-suite.ts';

runSuite('ThreadPool', 'pool/pool.mjs', { env: { KIND: 'threads' } });
runSuite('Pool', 'pool/pool.mjs', { env: { KIND: 'processes' } });
