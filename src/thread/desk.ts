/**
 * Where a worker finds its next thread to run. A worker that has nothing to do stays for a while, since a new isolate
 * costs hundreds of times what a thread costs in Python, and any thread of the program may give it work.
 *
 * ```
 * +0 JOB    a thread's record; 0: none yet; -1: there will be no first job, be idle
 * +1 NEXT   in the stack of idle workers
 * +2 PARTY  of the worker
 * +3 CURRENT  the thread's record that it runs just now, 0 between two
 * +4 MAKER  the party that made the worker: it alone can stop it
 * ```
 *
 * THREADS_LOCK guards the stack. Who takes a desk off the stack lays a job on it; a worker that wants to go home takes
 * its own desk off first: if it is not there, a job is coming.
 */

import { Place } from '../memory/handle.ts';
import { IDLE_WORKERS } from '../memory/layout.ts';
import { localMemory } from '../memory/local-memory.ts';
import { lockThreads, ThreadRecord, unlockThreads } from './record.ts';

const JOB = 0;
const NEXT = 1;
const PARTY = 2;
const CURRENT = 3;
const MAKER = 4;
const BYTES = 5 * 4;

const NONE = -1;

/** A new desk; its worker waits for its first job. */
export function newDesk(): number {
  const memory = localMemory();
  const desk = memory.heap.allocate(BYTES);
  memory.i32[desk + MAKER] = memory.parties.self;
  return desk;
}

/** Lays the first job on the desk of a worker that has just been started; 0: there is none. */
export function layFirstJob(desk: number, record: number): void {
  const memory = localMemory();
  Atomics.store(memory.i32, desk + CURRENT, record);
  Atomics.store(memory.i32, desk + JOB, record || NONE);
  memory.wake(desk + JOB, 1);
}

/** Blocks a worker that has just been started until its first job is there, 0 if there is to be none. */
export function awaitFirstJob(desk: number): number {
  const memory = localMemory();
  while (Atomics.load(memory.i32, desk + JOB) === 0) memory.wait(desk + JOB, 0, 1000);
  return Math.max(takeJob(desk), 0);
}

/** Whether a worker is idle just now; `own`: one that this thread has made. */
export function hasIdleWorker(own = false): boolean {
  const w = localMemory().i32;
  if (!own || w[IDLE_WORKERS] === 0) return Atomics.load(w, IDLE_WORKERS) !== 0;
  lockThreads();
  const found = w[findLink(own)] !== 0;
  unlockThreads();
  return found;
}

/** The word that leads to the first idle worker, or to the first one that this thread has made. */
function findLink(own: boolean): number {
  const { i32: w, parties } = localMemory();
  let link = IDLE_WORKERS;
  while (own && w[link] !== 0 && w[w[link] + MAKER] !== parties.self) link = w[link] + NEXT;
  return link;
}

/** Gives a thread to an idle worker (`own`: that this thread has made). Returns false if there is none. */
export function giveToIdleWorker(record: number, own = false): boolean {
  const memory = localMemory();
  const w = memory.i32;
  for (;;) {
    lockThreads();
    const link = findLink(own);
    const desk = w[link];
    if (desk !== 0) Atomics.store(w, link, w[desk + NEXT]);
    unlockThreads();
    if (desk === 0) return false;
    // It may have been ended from outside while it was idle.
    if (!memory.parties.isAlive(w[desk + PARTY])) continue;
    new ThreadRecord(new Place(memory, record)).noteBirth(memory.parties.kernelIds(w[desk + PARTY]).tid);
    Atomics.store(w, desk + JOB, record);
    memory.wake(desk + JOB, 1);
    return true;
  }
}

/** The thread's record that a worker runs just now, 0 between two. */
export function currentJob(desk: number): number {
  return Atomics.load(localMemory().i32, desk + CURRENT);
}

export function setCurrentJob(desk: number, record: number): void {
  Atomics.store(localMemory().i32, desk + CURRENT, record);
}

/** The job on a desk, 0 if there is none. */
function takeJob(desk: number): number {
  return Atomics.exchange(localMemory().i32, desk + JOB, 0);
}

/** The worker has nothing to do: from now on anybody may lay a job on its desk. */
export function becomeIdle(desk: number): void {
  const memory = localMemory();
  const w = memory.i32;
  w[desk + PARTY] = memory.parties.self;
  lockThreads();
  w[desk + NEXT] = w[IDLE_WORKERS];
  Atomics.store(w, IDLE_WORKERS, desk);
  unlockThreads();
}

/** Blocks an idle worker until there is work. Returns the job, or 0 when nobody came: the worker is then not idle. */
export function awaitJob(desk: number, milliseconds: number): number {
  const memory = localMemory();
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const job = takeJob(desk);
    if (job !== 0) return job;
    const left = deadline - performance.now();
    if (left <= 0 && leaveStack(desk)) return takeJob(desk);
    memory.wait(desk + JOB, 0, Math.max(left, 1));
  }
}

function leaveStack(desk: number): boolean {
  const w = localMemory().i32;
  lockThreads();
  let at = IDLE_WORKERS;
  while (w[at] !== 0 && w[at] !== desk) at = w[at] + NEXT;
  const found = w[at] === desk;
  if (found) Atomics.store(w, at, w[desk + NEXT]);
  unlockThreads();
  return found;
}
