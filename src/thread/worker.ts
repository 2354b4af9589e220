/**
 * The life of a worker: it runs a thread to its end, waits for the next, and goes home when none comes.
 *
 * A thread has ended when its `run` has returned, what it returned has settled, and the worker's event loop has
 * nothing left to do: Node says so with `beforeExit`. At that moment blocking the worker holds nothing up, so that it
 * waits for its next thread right there.
 */

import { buryParty } from '../memory/burial.ts';
import { Place } from '../memory/handle.ts';
import { localMemory } from '../memory/local-memory.ts';
import { kernelThreadId } from '../memory/party.ts';
import { usesSystemMemory } from '../memory/system-memory.ts';
import { setMainModule } from '../pickle/index.ts';
import { unpackParcel } from '../queue/parcel.ts';
import { awaitFirstJob, awaitJob, becomeIdle, currentJob, setCurrentJob } from './desk.ts';
import { type ExceptHook, reportException, setExcepthook } from './excepthook.ts';
import { clearLocals } from './local.ts';
import { ThreadRecord, withThreads } from './record.ts';
import { becomeThread } from './registry.ts';
import { endWorker, hasObligations, leaveExitToOthers, threadHasEnded } from './shutdown.ts';
import { type ThreadJob, threadAt } from './thread.ts';
import { desksOfChildren, type WorkerStart } from './workers.ts';

const IDLE_MILLISECONDS = 2000;

/** The thread that runs, or ran last. */
let record: ThreadRecord | null = null;
/** Listeners on `process` when it began: one that leaves others behind has changed its worker for the next. */
let listeners = 0;

/** Runs threads in this worker, beginning with the job on its desk. */
export function serve({ desk, single, main, argv }: WorkerStart): void {
  setMainModule(main);
  process.argv = argv;
  leaveExitToOthers();
  process.on('uncaughtException', (error) => {
    reportException(error, record ?? { name: '(starting)' });
    process.exit(1);
  });
  process.on('exit', () => {
    waitForChildren();
    endThread(desk);
    endWorker();
    for (const memory of [usesSystemMemory(), localMemory()]) {
      memory?.parties.leave((slot) => buryParty(memory, slot));
    }
  });
  process.on('beforeExit', () => {
    if (single || countListeners() !== listeners) return endThread(desk);
    clearLocals();
    threadHasEnded();
    renewIdentity();
    // Idle first: who has waited for the end of this thread may start the next one at once.
    becomeIdle(desk);
    endThread(desk);
    const job = awaitJob(desk, IDLE_MILLISECONDS);
    if (job !== 0) {
      setImmediate(() => void run(job, desk));
    } else if (desksOfChildren().length > 0 || hasObligations()) {
      // They would end with this worker. A turn of the loop lets those be struck off that have ended.
      setTimeout(() => {}, IDLE_MILLISECONDS);
    }
  });
  const job = awaitFirstJob(desk);
  // The engine has listeners of its own until this module has been evaluated.
  setImmediate(() => {
    listeners = countListeners();
    if (job !== 0) void run(job, desk);
  });
}

async function run(job: number, desk: number): Promise<void> {
  const memory = localMemory();
  record = new ThreadRecord(new Place(memory, job));
  setCurrentJob(desk, job);
  becomeThread(job);
  const parcel = record.begin(memory.parties.self, kernelThreadId());
  const thread = threadAt(record.place);
  try {
    const found = await unpackParcel<ThreadJob>(memory, parcel);
    setExcepthook(found.hook as ExceptHook | null);
    found.thread.adopt(found);
    listeners = countListeners();
    await found.thread.run();
  } catch (error) {
    reportException(error, thread);
  }
}

/** Whoever waits for a lock that the thread still holds learns that its holder has ended. */
function renewIdentity(): void {
  localMemory().parties.renew();
  usesSystemMemory()?.parties.renew();
}

function endThread(desk: number): void {
  if (record === null) return;
  record.end();
  record = null;
  setCurrentJob(desk, 0);
}

/** The workers that this one made end with it: what runs there is waited for. */
function waitForChildren(): void {
  withThreads((threads) => {
    const jobs = new Set(desksOfChildren().map(currentJob));
    for (const { place } of threads) if (jobs.has(place.base)) threadAt(place).join();
  });
}

function countListeners(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
}
