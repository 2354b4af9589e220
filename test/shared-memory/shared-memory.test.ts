import { runSuite } from '../harness/run-suite.ts';

runSuite('SharedMemory and ShareableList', 'shared-memory/shared-memory.mjs');
