/**
 * How the children of this process end.
 *
 * That is seen without reaping them (`waitid` with `WNOWAIT`), by whichever thread looks first; the event loop of the
 * thread that started a child reaps it in its own time. So `join` works while that loop is blocked.
 */

import { AssertionError } from '../errors.ts';
import { buryParty } from '../memory/burial.ts';
import { Place } from '../memory/handle.ts';
import { attendInterruptions } from '../memory/interruption.ts';
import { type ChildStatus, loadLibc } from '../memory/libc.ts';
import { systemMemory } from '../memory/system-memory.ts';
import type { Contest } from '../memory/wait.ts';
import { claimEnd, keepStatus, runningChildren } from './child-list.ts';
import { ENDED, NEW, ProcessRecord } from './record.ts';

const CLD_EXITED = 1;

/**
 * Does something with the records of the children that have not been seen to end. They are counted up meanwhile:
 * another thread may see one end, and let go of it, at any time.
 */
export function withChildren<R>(use: (children: ProcessRecord[]) => R): R {
  const system = systemMemory();
  const found = runningChildren((record) => system.holdings.retain(record));
  try {
    return use(found.map((record) => new ProcessRecord(new Place(system, record))));
  } finally {
    for (const record of found) system.holdings.release(record);
  }
}

/** Notes how a child ended, once: wakes who joins it and ends what it had begun in the shared memory. */
export function childEnded(record: ProcessRecord, status: number): void {
  const { pid } = record;
  const at = record.place.base;
  if (!claimEnd(at)) return;
  record.end(status);
  keepStatus(at, status);
  const system = systemMemory();
  system.parties.sweep((slot) => buryParty(system, slot), pid);
}

/** The status of Node's `exit` event. */
export function statusOf(code: number | null, signal: NodeJS.Signals | null): number {
  return signal === null ? (code ?? 0) : -process.getBuiltinModule('node:os').constants.signals[signal];
}

/** Looks whether a child of this process has ended. */
export function hasEnded(record: ProcessRecord): boolean {
  if (record.state === ENDED) return true;
  const { pid } = record;
  if (pid === 0) return false;
  if (record.creator !== process.pid) return isGone(pid);
  const found = loadLibc().waitid(pid);
  if (found === null) return false;
  if (found !== 'gone') childEnded(record, statusFromWait(found));
  // Gone: the thread that started it has reaped it and is about to say so.
  return record.state === ENDED;
}

function statusFromWait({ code, status }: ChildStatus): number {
  return code === CLD_EXITED ? status : -status;
}

/** Whether a process that is no child of ours has ended. */
function isGone(pid: number): boolean {
  const libc = loadLibc();
  const descriptor = libc.pidfdOpen(pid);
  if (descriptor === -1) return true;
  try {
    return libc.poll([descriptor], 0).length > 0;
  } finally {
    libc.close(descriptor);
  }
}

/** Sends a process a signal; does nothing if it has ended. @throws AssertionError it was not started; `who` asks. */
export function signalProcess(record: ProcessRecord, signal: NodeJS.Signals, who: string): void {
  if (record.state === NEW) throw new AssertionError(`${who}: the process was not started`);
  if (hasEnded(record)) return;
  try {
    process.kill(record.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Whether this process can wait for the end of that one. @throws AssertionError it cannot; `who` has asked. */
export function checkJoinable({ state, pid, creator }: ProcessRecord, who: string): void {
  if (state === NEW) throw new AssertionError(`${who}: the process was not started; call start() first`);
  if (pid === process.pid || (creator !== process.pid && pid !== process.ppid)) {
    throw new AssertionError(`${who}: only a child (or the parent) of this process can be joined`);
  }
}

/** What those wait for in the event loop who wait for a process's end. */
export function ending(record: ProcessRecord): Contest {
  return {
    queue: record.ended,
    attempt: () => record.state === ENDED,
    beat: () => hasEnded(record),
    surplus: () => {},
  };
}

/** Blocks until a process has ended. Returns false when the time has passed. */
export function awaitEnd(record: ProcessRecord, milliseconds: number): boolean {
  if (hasEnded(record)) return true;
  if (milliseconds <= 0) return false;
  const libc = loadLibc();
  const deadline = performance.now() + milliseconds;
  const descriptor = libc.pidfdOpen(record.pid);
  try {
    for (let missed = 0; ; missed++) {
      attendInterruptions();
      const left = deadline - performance.now();
      if (left <= 0) return hasEnded(record);
      // A worker that blocks here must be able to end with the program: it looks up four times a second.
      if (descriptor !== -1) libc.poll([descriptor], Math.min(left, SLICE));
      else systemMemory().nap(1);
      if (hasEnded(record)) return true;
      if (record.creator !== process.pid || record.pid === 0) continue;
      if (libc.waitid(record.pid) !== 'gone') missed = 0;
      // The thread that reaped it ended before it could tell how: nobody will ever know.
      else if (missed > LOST) childEnded(record, UNKNOWN);
      else systemMemory().nap(1);
    }
  } finally {
    if (descriptor !== -1) libc.close(descriptor);
  }
}

/**
 * Blocks until one of some children has ended, a quarter of a second at most. `lost` is for the caller to keep from one
 * call to the next.
 */
export function awaitAnyEnd(children: readonly ProcessRecord[], milliseconds: number, lost: Map<number, number>): void {
  const libc = loadLibc();
  const descriptors: number[] = [];
  let told = true;
  try {
    for (const child of children) {
      const descriptor = libc.pidfdOpen(child.pid);
      if (descriptor !== -1) {
        descriptors.push(descriptor);
        continue;
      }
      told = false;
      const missed = (lost.get(child.pid) ?? 0) + 1;
      lost.set(child.pid, missed);
      if (missed > LOST) childEnded(child, UNKNOWN);
    }
    if (told && children.length > 0) libc.poll(descriptors, Math.min(milliseconds, SLICE));
    else systemMemory().nap(1);
  } finally {
    for (const descriptor of descriptors) libc.close(descriptor);
  }
}

const SLICE = 250;
const LOST = 2000;
/** What a shell reports for a status out of range. */
const UNKNOWN = 255;
