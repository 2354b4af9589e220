/** Which worker of which pool this thread is, if it is one, and which task it runs. */

import type { Crew } from './crew.ts';
import type { Destination } from './settle.ts';
import type { WorkerRecord } from './worker-record.ts';

/** What a worker knows of itself. */
export interface WorkerHere {
  crew: Crew;
  record: WorkerRecord;
  /** The task that it runs just now. */
  task: Destination | null;
  /** Whether nothing but the result of another task could move its event loop. */
  isStuck(): boolean;
}

let here: WorkerHere | null = null;

/** The worker that this thread is; null if it is none. */
export function workerHere(): WorkerHere | null {
  return here;
}

/** This thread is a worker from now on, or (null) no longer. */
export function becomeWorker(worker: WorkerHere | null): void {
  here = worker;
}
