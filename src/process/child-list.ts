/**
 * The children of this process, as a list in the local block: any of its threads may ask. A child that has ended stays
 * in the list until its status has been reported (`os.wait`), as a zombie would.
 *
 * ```
 * node  +0 NEXT    +1 RECORD  of the process, in the system block; good while it runs
 *       +2 STATE   0 it runs, 1 a thread has seen its end and is noting it, 2 it has ended
 *       +3 PID     +4 STATUS  its exit code, or minus the signal that killed it
 *       +5 WORKER  1: it works for a pool, and is reported to nobody else
 * ```
 *
 * PROCESSES_LOCK guards the list, which has the youngest child first.
 */

import { CHILD_ENDED_QUEUE, PROCESSES_HEAD, PROCESSES_LOCK } from '../memory/layout.ts';
import { localMemory } from '../memory/local-memory.ts';
import { acquireSpinLock, releaseSpinLock } from '../memory/spin-lock.ts';
import { WaitQueue } from '../memory/wait-queue.ts';
import type { ProcessRecord } from './record.ts';

const NEXT = 0;
const RECORD = 1;
const STATE = 2;
const PID = 3;
const STATUS = 4;
const WORKER = 5;
const BYTES = 6 * 4;

const RUNS = 0;
const ENDING = 1;
const ENDED = 2;

/** A program that never asks must not collect statuses for ever: beyond so many, the one of the oldest child goes. */
export const KEPT_STATUSES = 1024;

/** How a child ended. */
export interface ChildEnd {
  pid: number;
  /** Its exit code, or minus the signal that killed it. */
  status: number;
}

/** Enters a child that has been started. */
export function addChild(record: ProcessRecord): void {
  const memory = localMemory();
  const w = memory.i32;
  const node = memory.heap.allocate(BYTES);
  const { pid } = record;
  w[node + RECORD] = record.place.base;
  w[node + STATE] = RUNS;
  w[node + PID] = pid;
  w[node + WORKER] = record.isWorker ? 1 : 0;
  withList(() => {
    // Nobody can mean the former bearer of its number any more.
    const former = findLink((other) => w[other + PID] === pid && w[other + STATE] === ENDED);
    if (former !== 0) drop(former);
    w[node + NEXT] = w[PROCESSES_HEAD];
    Atomics.store(w, PROCESSES_HEAD, node);
  });
}

/** The records of the children that have not been seen to end, the oldest first; `retain` is called for each. */
export function runningChildren(retain: (record: number) => void): number[] {
  const w = localMemory().i32;
  const found: number[] = [];
  withList(() => {
    eachNode((node) => {
      if (w[node + STATE] !== RUNS) return;
      retain(w[node + RECORD]);
      found.push(w[node + RECORD]);
    });
  });
  return found.reverse();
}

/** Claims to note the end of a child. False: somebody else has seen it. */
export function claimEnd(record: number): boolean {
  const w = localMemory().i32;
  return withList(() => {
    const link = findLink((node) => w[node + RECORD] === record && w[node + STATE] === RUNS);
    if (link !== 0) w[w[link] + STATE] = ENDING;
    return link !== 0;
  });
}

/** The end of a child has been noted by the thread that has claimed it: from now on it can be reported. */
export function keepStatus(record: number, status: number): void {
  const memory = localMemory();
  const w = memory.i32;
  withList(() => {
    const link = findLink((node) => w[node + RECORD] === record && w[node + STATE] === ENDING);
    if (link === 0) return;
    const node = w[link];
    if (w[node + WORKER] === 1) {
      drop(link);
      return;
    }
    w[node + STATUS] = status;
    w[node + STATE] = ENDED;
    let kept = 0;
    eachNode((other) => {
      if (w[other + STATE] === ENDED) kept++;
    });
    if (kept > KEPT_STATUSES) drop(findLink((other) => w[other + STATE] === ENDED, true));
  });
  new WaitQueue(memory, CHILD_ENDED_QUEUE).wake(Number.POSITIVE_INFINITY);
}

/**
 * Takes the status of a child that has ended, once; `pid` -1: of any, the oldest first. `null`: none has ended yet.
 * 'no child': there is none that could.
 */
export function takeStatus(pid: number): ChildEnd | null | 'no child' {
  const w = localMemory().i32;
  const isMeant = (node: number): boolean => w[node + WORKER] === 0 && (pid === -1 || w[node + PID] === pid);
  return withList(() => {
    const link = findLink((node) => isMeant(node) && w[node + STATE] === ENDED, true);
    if (link === 0) return findLink(isMeant) === 0 ? 'no child' : null;
    const end = { pid: w[w[link] + PID], status: w[w[link] + STATUS] };
    drop(link);
    return end;
  });
}

function withList<R>(use: () => R): R {
  const memory = localMemory();
  acquireSpinLock(memory, PROCESSES_LOCK);
  try {
    return use();
  } finally {
    releaseSpinLock(memory, PROCESSES_LOCK);
  }
}

function eachNode(use: (node: number) => void): void {
  const w = localMemory().i32;
  for (let node = w[PROCESSES_HEAD]; node !== 0; node = w[node + NEXT]) use(node);
}

/** The word that leads to a node, the first or the last one that is meant; 0: there is none. */
function findLink(isMeant: (node: number) => boolean, last = false): number {
  const w = localMemory().i32;
  let found = 0;
  for (let link = PROCESSES_HEAD; w[link] !== 0; link = w[link] + NEXT) {
    if (!isMeant(w[link])) continue;
    found = link;
    if (!last) break;
  }
  return found;
}

function drop(link: number): void {
  const memory = localMemory();
  const node = memory.i32[link];
  Atomics.store(memory.i32, link, memory.i32[node + NEXT]);
  memory.heap.free(node);
}
