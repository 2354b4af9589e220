import { runSuite } from '../harness/run-suite.ts';

runSuite('ThreadPoolExecutor', 'pool/executor.mjs', { env: { KIND: 'threads' } });
runSuite('ProcessPoolExecutor', 'pool/executor.mjs', { env: { KIND: 'processes' } });
