/**
 * Where a crew keeps what, and how it lets go of it.
 *
 * ```
 *  +0 TASKS     message log (queue/message-log.ts)
 * +24 IDLERS    wait queue of the workers that have nothing to do
 * +28 CHANGES   wait queue of those that wait for a worker to end, or to be wanted
 * +32 LOCK      guards the lists
 * +33 WORKERS   first record of the list (worker-record.ts)   +34 MAILBOXES   first of those that results go to
 * +35 STATE     0 open, 1 closed: workers end when nothing is left, 2 terminated, 3 broken
 * +36 MAXIMUM   how many workers there may be   +37 ALIVE   how many there are
 * +38 IDLE      how many of them look for a task
 * +39 NUMBER    counter of functions   +40 STARTED   counter of workers
 * +41 SETUP     parcel of what a worker needs to know at its start
 * +42 REASON    parcel of why it is broken
 * +43 HOME_PID  +44 HOME   process, and party of its local block, that starts workers and looks after them
 * +45 WANTED    1: somebody who is not at home would like another worker
 * +46 RESTARTS  workers that were started in the place of others
 * +47 CHANGED   goes up with whatever CHANGES tells of
 * +48 SPARES    first record of workers that are gone, kept for the next: somebody may stand in a queue of theirs
 * ```
 */

import { CREW, CREW_LEASE, onDestroy } from '../memory/kinds.ts';
import type { Memory } from '../memory/memory.ts';
import { WaitQueue } from '../memory/wait-queue.ts';
import { MessageLog } from '../queue/message-log.ts';
import { WorkerRecord } from './worker-record.ts';

export const IDLERS = 24;
export const CHANGES = 28;
export const LOCK = 32;
export const WORKERS = 33;
export const MAILBOXES = 34;
export const STATE = 35;
export const MAXIMUM = 36;
export const ALIVE = 37;
export const IDLE = 38;
export const NUMBER = 39;
export const STARTED = 40;
export const SETUP = 41;
export const REASON = 42;
export const HOME_PID = 43;
export const HOME = 44;
export const WANTED = 45;
export const RESTARTS = 46;
export const CHANGED = 47;
export const SPARES = 48;
export const BYTES = 49 * 4;

export const OPEN = 0;
export const CLOSED = 1;
export const TERMINATED = 2;
export const BROKEN = 3;

// A node of the list of mailboxes.
export const LIST_NEXT = 0;
export const LIST_MAILBOX = 1;

onDestroy(CREW_LEASE, (memory, payload) => {
  const crew = memory.i32[payload];
  raiseState(memory, crew, CLOSED);
  memory.holdings.release(crew);
});

onDestroy(CREW, (memory, payload) => {
  const w = memory.i32;
  new MessageLog(memory, payload).destroy();
  for (const list of [WORKERS, SPARES]) {
    for (let at = w[payload + list]; at !== 0; ) {
      const record = new WorkerRecord(memory, at);
      at = record.next;
      record.free();
    }
  }
  for (let node = w[payload + MAILBOXES]; node !== 0; ) {
    const next = memory.i32[node + LIST_NEXT];
    memory.holdings.release(memory.i32[node + LIST_MAILBOX]);
    memory.heap.free(node);
    node = next;
  }
  for (const word of [SETUP, REASON]) if (w[payload + word] !== 0) memory.holdings.release(w[payload + word]);
});

/** Closes a crew, terminates it or breaks it; it never goes back. Returns whether this call has changed anything. */
export function raiseState(memory: Memory, crew: number, state: number): boolean {
  const w = memory.i32;
  for (let before = Atomics.load(w, crew + STATE); before < state; before = Atomics.load(w, crew + STATE)) {
    if (Atomics.compareExchange(w, crew + STATE, before, state) !== before) continue;
    new WaitQueue(memory, crew + IDLERS).wake(Number.POSITIVE_INFINITY);
    Atomics.add(w, crew + CHANGED, 1);
    new WaitQueue(memory, crew + CHANGES).wake(Number.POSITIVE_INFINITY);
    return true;
  }
  return false;
}
