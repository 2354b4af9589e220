import { runSuite } from '../harness/run-suite.ts';

runSuite('Listener and Client', 'connection/sockets.mjs');
