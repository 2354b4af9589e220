import { runSuite } from '../harness/run-suite.ts';

runSuite('signal', 'signal/signal.mjs');
runSuite('handlers while the main thread blocks', 'signal/blocking.mjs');
