import { runSuite } from '../harness/run-suite.ts';

runSuite('modules that messages name', 'pickle/modules.mjs');
