/**
 * The children of this process that have not ended, as a list in the local block: any of its threads may ask.
 *
 * ```
 * node  +0 NEXT  +1 RECORD  of the process, in the system block
 * ```
 *
 * How a child ended is seen without reaping it (`waitid` with `WNOWAIT`), by whichever thread looks first; the event
 * loop of the thread that started it reaps it in its own time. So `join` works while that loop is blocked.
 */

import { buryParty } from '../memory/burial.ts';
import { Place } from '../memory/handle.ts';
import { PROCESSES_HEAD, PROCESSES_LOCK } from '../memory/layout.ts';
import { type ChildStatus, loadLibc } from '../memory/libc.ts';
import { localMemory } from '../memory/local-memory.ts';
import { acquireSpinLock, releaseSpinLock } from '../memory/spin-lock.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { ENDED, ProcessRecord } from './record.ts';

const NEXT = 0;
const RECORD = 1;

const CLD_EXITED = 1;

/** Enters a child that has been started. */
export function addChild(record: number): void {
  const memory = localMemory();
  const node = memory.heap.allocate(8);
  memory.i32[node + RECORD] = record;
  acquireSpinLock(memory, PROCESSES_LOCK);
  memory.i32[node + NEXT] = memory.i32[PROCESSES_HEAD];
  Atomics.store(memory.i32, PROCESSES_HEAD, node);
  releaseSpinLock(memory, PROCESSES_LOCK);
}

/**
 * Does something with the records of the children that have not been seen to end. They are counted up meanwhile:
 * another thread may see one end, and let go of it, at any time.
 */
export function withChildren<R>(use: (children: ProcessRecord[]) => R): R {
  const memory = localMemory();
  const system = systemMemory();
  const found: number[] = [];
  acquireSpinLock(memory, PROCESSES_LOCK);
  for (let node = memory.i32[PROCESSES_HEAD]; node !== 0; node = memory.i32[node + NEXT]) {
    found.push(memory.i32[node + RECORD]);
    system.holdings.retain(memory.i32[node + RECORD]);
  }
  releaseSpinLock(memory, PROCESSES_LOCK);
  try {
    return use(found.reverse().map((record) => new ProcessRecord(new Place(system, record))));
  } finally {
    for (const record of found) system.holdings.release(record);
  }
}

/** Notes how a child ended, once: wakes who joins it and ends what it had begun in the shared memory. */
export function childEnded(record: ProcessRecord, status: number): void {
  const { pid } = record;
  const at = record.place.base;
  const memory = localMemory();
  const w = memory.i32;
  acquireSpinLock(memory, PROCESSES_LOCK);
  let link = PROCESSES_HEAD;
  while (w[link] !== 0 && w[w[link] + RECORD] !== at) link = w[link] + NEXT;
  const node = w[link];
  if (node !== 0) Atomics.store(w, link, w[node + NEXT]);
  releaseSpinLock(memory, PROCESSES_LOCK);
  if (node === 0) return; // somebody else has seen it
  memory.heap.free(node);
  record.end(status);
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

/** Blocks until a process has ended. Returns false when the time has passed. */
export function awaitEnd(record: ProcessRecord, milliseconds: number): boolean {
  if (hasEnded(record)) return true;
  if (milliseconds <= 0) return false;
  const libc = loadLibc();
  const deadline = performance.now() + milliseconds;
  const descriptor = libc.pidfdOpen(record.pid);
  try {
    for (let missed = 0; ; missed++) {
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

const SLICE = 250;
const LOST = 2000;
/** What a shell reports for a status out of range. */
const UNKNOWN = 255;
