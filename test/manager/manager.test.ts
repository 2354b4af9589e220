import { runSuite } from '../harness/run-suite.ts';

runSuite('objects of a manager', 'manager/objects.mjs');
runSuite('locks and queues of a manager', 'manager/locks.mjs');
runSuite('managers of your own', 'manager/custom.mjs');
