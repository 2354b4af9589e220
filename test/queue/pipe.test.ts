import { runSuite } from '../harness/run-suite.ts';

runSuite('Pipe between threads', 'queue/pipe.mjs', { env: { KIND: 'threads' } });
runSuite('Pipe between processes', 'queue/pipe.mjs', { env: { KIND: 'processes' } });
