/**
 * Slots: what all sides must know of a task while it is under way. A slot belongs to the thread that submitted the task
 * (mailbox.ts); it is vacant again when that thread has received the result.
 *
 * ```
 * slab  +0 NEXT slab of the mailbox   +16.. slots of 16 words: one cache line each
 * slot  +0 STATE    of a use of the slot: `use << 3 | 0` vacant, `1` queued, `2` cancelled while it was queued, `3`
 *                   running, `4` done
 *       +1 WORKER   record of the worker that runs it
 *       +2 ABORT    parcel of the reason why the task should stop, 0: it should not
 *       +3 CELL     where the outcome is published for other threads too (future-cell.ts), 0: nowhere
 *       +4 +5 STARTED   +6 +7 ENDED   when it ran: milliseconds as a float64, see clock()
 *       +8 KIND     of a result that fits in here: see PLAIN_KINDS   +9 INTEGER
 *      +10 INDEX    number of the slot in its mailbox
 *      +11 FLAGS    1: tell when it starts
 *      +14 +15 SUBMITTED   when the task was submitted, on the same clock
 *      +12 USE      which use of the slot this is: mail about an earlier one is ignored
 * ```
 *
 * The submitter writes all of it before the task is in the queue. STATE goes from queued to cancelled (by whoever
 * cancels) or to running (by the worker that takes it), whichever comes first; from there on it is the worker's, or of
 * who stops that worker or finds it dead: who brings it from running to done tells the outcome. The use is part of it,
 * so that a worker that was stopped but is still on its way changes nothing for the task that has the slot by then.
 */

import type { Memory } from '../memory/memory.ts';

const STATE = 0;
const WORKER = 1;
const ABORT = 2;
const CELL = 3;
const STARTED = 4;
const ENDED = 6;
const KIND = 8;
const INTEGER = 9;
const INDEX = 10;
const FLAGS = 11;
const USE = 12;
const SUBMITTED = 14;

export const SLOT_WORDS = 16;
const SLAB_SLOTS = 255;

export const VACANT = 0;
export const QUEUED = 1;
export const CANCELLED = 2;
export const RUNNING = 3;
export const DONE = 4;

/** Below the use in the word of the state. */
const STATE_BITS = 3;
const STATE_MASK = 7;

/** A use is a number of ten bits. */
const USE_MASK = 0x3ff;

/** FLAGS: a message says when the task starts. */
export const TELL_START = 1;

/** The submitter's slots, each by its index. */
export class Slots {
  readonly #memory: Memory;
  readonly #head: number;
  readonly #vacant: number[] = [];
  readonly #addresses: number[] = [];

  /** `head`: the word that begins the list of slabs. */
  constructor(memory: Memory, head: number) {
    this.#memory = memory;
    this.#head = head;
  }

  /** A slot for a task that is about to be queued; returns its index. @throws MemoryError */
  take(flags: number): number {
    const index = this.#vacant.pop() ?? this.#grow();
    const w = this.#memory.i32;
    const at = this.#addresses[index];
    w[at + WORKER] = 0;
    w[at + ABORT] = 0;
    w[at + CELL] = 0;
    w[at + KIND] = 0;
    w[at + STARTED] = 0;
    w[at + STARTED + 1] = 0;
    w[at + FLAGS] = flags;
    writeDouble(this.#memory, at + SUBMITTED, clock());
    const use = (w[at + USE] + 1) & USE_MASK;
    w[at + USE] = use;
    Atomics.store(w, at + STATE, (use << STATE_BITS) | QUEUED);
    return index;
  }

  /** The task is over, and its result received. */
  give(index: number): void {
    const w = this.#memory.i32;
    const at = this.#addresses[index];
    Atomics.store(w, at + STATE, (w[at + USE] << STATE_BITS) | VACANT);
    this.#vacant.push(index);
  }

  /** Where the slot is. */
  address(index: number): number {
    return this.#addresses[index];
  }

  #grow(): number {
    const memory = this.#memory;
    const slab = memory.heap.allocate((SLAB_SLOTS + 1) * SLOT_WORDS * 4);
    const w = memory.i32;
    w[slab] = w[this.#head];
    const first = this.#addresses.length;
    for (let i = 0; i < SLAB_SLOTS; i++) {
      const at = slab + (i + 1) * SLOT_WORDS;
      w[at + INDEX] = first + i;
      this.#addresses.push(at);
    }
    Atomics.store(w, this.#head, slab);
    for (let i = SLAB_SLOTS - 1; i > 0; i--) this.#vacant.push(first + i);
    return first;
  }
}

/** Gives a mailbox's slabs back. */
export function freeSlabs(memory: Memory, head: number): void {
  for (let slab = memory.i32[head]; slab !== 0; ) {
    const next = memory.i32[slab];
    memory.heap.free(slab);
    slab = next;
  }
}

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

/** Milliseconds on a clock that all threads and processes share. */
export function clock(): number {
  return performance.timeOrigin + performance.now();
}

/** One slot, wherever one is. */
export const slot = {
  state: (memory: Memory, at: number): number => Atomics.load(memory.i32, at + STATE) & STATE_MASK,
  index: (memory: Memory, at: number): number => memory.i32[at + INDEX],
  use: (memory: Memory, at: number): number => memory.i32[at + USE],
  flags: (memory: Memory, at: number): number => memory.i32[at + FLAGS],
  worker: (memory: Memory, at: number): number => Atomics.load(memory.i32, at + WORKER),
  cell: (memory: Memory, at: number): number => Atomics.load(memory.i32, at + CELL),
  startedAt: (memory: Memory, at: number): number => readDouble(memory, at + STARTED),
  submittedAt: (memory: Memory, at: number): number => readDouble(memory, at + SUBMITTED),
  endedAt: (memory: Memory, at: number): number => readDouble(memory, at + ENDED),

  /**
   * A worker takes the task, unless it was cancelled or is somebody else's. Only one at a time tries. One that dies
   * after the first store has not taken it, one that dies after the second has.
   */
  claim(memory: Memory, at: number, use: number, worker: number): boolean {
    const w = memory.i32;
    if (Atomics.load(w, at + STATE) !== ((use << STATE_BITS) | QUEUED)) return false;
    Atomics.store(w, at + WORKER, worker);
    return change(memory, at, use, QUEUED, RUNNING);
  },

  /** Cancels a task that nobody has taken yet. */
  cancel: (memory: Memory, at: number, use: number): boolean => change(memory, at, use, QUEUED, CANCELLED),

  /** Whether this use of the slot was cancelled, and its mail not received. */
  isCancelled: (memory: Memory, at: number, use: number): boolean =>
    Atomics.load(memory.i32, at + STATE) === ((use << STATE_BITS) | CANCELLED),

  /** Whether this use of the slot is done, and its mail not received. */
  isDone: (memory: Memory, at: number, use: number): boolean =>
    Atomics.load(memory.i32, at + STATE) === ((use << STATE_BITS) | DONE),

  start(memory: Memory, at: number, when: number): void {
    writeDouble(memory, at + STARTED, when);
  },

  /** The worker has finished, or is gone. Returns false if the outcome is somebody else's to tell, or told. */
  finish(memory: Memory, at: number, use: number, from: typeof RUNNING | typeof CANCELLED): boolean {
    return change(memory, at, use, from, DONE);
  },

  /** Notes when it ended. Returns the cell where the outcome is to be published, 0 if there is none. */
  end(memory: Memory, at: number, when: number): number {
    writeDouble(memory, at + ENDED, when);
    return Atomics.load(memory.i32, at + CELL);
  },

  setCell(memory: Memory, at: number, cell: number): void {
    Atomics.store(memory.i32, at + CELL, cell);
  },

  /** The parcel of the reason to stop, 0 if there is none. */
  abort: (memory: Memory, at: number): number => Atomics.load(memory.i32, at + ABORT),

  setAbort(memory: Memory, at: number, parcel: number): number {
    return Atomics.exchange(memory.i32, at + ABORT, parcel);
  },

  /** Puts a result into the slot, if it is one that fits. */
  putPlain(memory: Memory, at: number, value: unknown): boolean {
    const kind =
      typeof value === 'number'
        ? (value | 0) === value && !Object.is(value, -0)
          ? INTEGER_KIND
          : 0
        : plainKind(value);
    if (kind === 0) return false;
    memory.i32[at + KIND] = kind;
    if (kind === INTEGER_KIND) memory.i32[at + INTEGER] = value as number;
    return true;
  },

  /** The result that is in the slot. */
  plain(memory: Memory, at: number): unknown {
    const kind = memory.i32[at + KIND];
    return kind === INTEGER_KIND ? memory.i32[at + INTEGER] : PLAIN_KINDS[kind];
  },
};

/** What is known by its kind alone. */
const PLAIN_KINDS = [undefined, undefined, null, false, true];
const INTEGER_KIND = 5;

function plainKind(value: unknown): number {
  if (value === undefined) return 1;
  if (value === null) return 2;
  if (value === false) return 3;
  return value === true ? 4 : 0;
}

function change(memory: Memory, at: number, use: number, from: number, to: number): boolean {
  const before = (use << STATE_BITS) | from;
  return Atomics.compareExchange(memory.i32, at + STATE, before, (use << STATE_BITS) | to) === before;
}

function readDouble(memory: Memory, word: number): number {
  halves[0] = memory.i32[word];
  halves[1] = memory.i32[word + 1];
  return double[0];
}

function writeDouble(memory: Memory, word: number, value: number): void {
  double[0] = value;
  memory.i32[word] = halves[0];
  memory.i32[word + 1] = halves[1];
}
