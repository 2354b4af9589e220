/** The program of every worker: makes it ready and serves. */

import { workerData } from 'node:worker_threads';
import '../travellers.ts';
import { prepareLoader } from '../pickle/index.ts';
import { writeDirectly } from './output.ts';
import { serve } from './worker.ts';
import { WORKER_DATA } from './workers.ts';

writeDirectly();
await prepareLoader();
serve(workerData[WORKER_DATA]);
