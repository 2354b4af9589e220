import { runSuite } from '../harness/run-suite.ts';

runSuite('workers that end: threads', 'pool/crash.mjs', { env: { KIND: 'threads' } });
runSuite('workers that end: processes', 'pool/crash.mjs', { env: { KIND: 'processes' } });
