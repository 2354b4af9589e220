import { Place } from '../memory/handle.ts';
import { localMemory } from '../memory/local-memory.ts';
import { kernelThreadId } from '../memory/party.ts';
import { ThreadRecord } from './record.ts';
import { mainRecord, threadHere, withAllThreads } from './registry.ts';
import { type Target, type Thread, threadAt } from './thread.ts';

/**
 * The thread that runs this code. A worker that somebody else started is a `Dummy-N`.
 *
 * Python: https://docs.python.org/3/library/threading.html#threading.current_thread
 */
export function currentThread(): Thread<Target> {
  return threadAt(new Place(localMemory(), threadHere()));
}

/** The program's main thread. */
export function mainThread(): Thread<Target> {
  return threadAt(new Place(localMemory(), mainRecord()));
}

/** All threads that were started and have not ended, daemon threads and the main thread too. */
export function enumerate(): Thread<Target>[] {
  return withAllThreads((threads) => threads.map((thread) => threadAt(thread.place)));
}

/** How many threads {@link enumerate} lists. */
export function activeCount(): number {
  return withAllThreads((threads) => threads.length);
}

/** The number of this thread: its `Thread.ident`. */
export function getIdent(): number {
  return new ThreadRecord(new Place(localMemory(), threadHere())).ident;
}

/** The kernel's number of this thread. */
export function getNativeId(): number {
  return kernelThreadId();
}
