import { prepareLoader } from '../pickle/index.ts';
import { writeDirectly } from './output.ts';
import { serve } from './worker.ts';
import { WORKER_DATA } from './workers.ts';

/** The program of every worker: makes it ready and serves. */
export async function runWorker(): Promise<void> {
  writeDirectly();
  await prepareLoader();
  serve(process.getBuiltinModule('node:worker_threads').workerData[WORKER_DATA]);
}
