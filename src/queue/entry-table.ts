/**
 * A table of messages in shared memory that changes in steps: each step moves any number of entries and changes the
 * length, and has either happened or not, whenever a party is killed. Stacks and heaps of messages are made of it.
 *
 * ```
 * +0 LOCK  +1 VERSION  number of steps  +2 APPLIED  the last step that has been carried out in the array
 * +3 the state: ARRAY, CAPACITY, LENGTH, PUT_COUNT; +7 the same again
 * +11 MOVES  how many moves the step has; +12.. moves: INDEX, then the entry that comes there
 *
 * entry  +0 KEY  a float64  +2 SECOND_KEY  a float64  +4 KIND  +5 PARCEL (parcel.ts)
 * ```
 *
 * Robustness: a step is written down first, its moves in the journal and the state in the copy that is not in force
 * (copy `VERSION & 1` is), and counting VERSION up makes it happen. Then the moves are carried out. Who takes the lock
 * over from a dead party carries them out again, which does no harm.
 */

import { RuntimeError } from '../errors.ts';
import type { Memory } from '../memory/memory.ts';
import { acquireSpinLock, releaseSpinLock } from '../memory/spin-lock.ts';

const LOCK = 0;
const VERSION = 1;
const APPLIED = 2;
const STATE = 3;
const STATE_WORDS = 4;
const ARRAY = 0;
const CAPACITY = 1;
const LENGTH = 2;
const PUT_COUNT = 3;
const MOVES = 11;
const JOURNAL = 12;
/** A step through a heap of 2^30 entries has one for each level. */
const MOST_MOVES = 32;

const SECOND_KEY = 2;
const KIND = 4;
const PARCEL = 5;
const ENTRY_WORDS = 6;
const MOVE_WORDS = 1 + ENTRY_WORDS;

const SMALLEST_CAPACITY = 16;

/** Kinds of entries: the number KEY; an array that begins with the number KEY, or with both keys; anything else. */
export const NUMBER = 0;
export const ONE_NUMBER = 1;
export const TWO_NUMBERS = 2;
export const OTHER = 4;

/** Words of a table, without its array. */
export const TABLE_WORDS = JOURNAL + MOST_MOVES * MOVE_WORDS;

/** A message as an entry: what it is ordered by, and where the rest of it is. */
export interface Entry {
  kind: number;
  key: number;
  secondKey: number;
  /** 0: the key is all there is. */
  parcel: number;
}

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

export class EntryTable {
  readonly #memory: Memory;
  readonly #base: number;

  constructor(memory: Memory, base: number) {
    this.#memory = memory;
    this.#base = base;
  }

  /** How many entries there are. */
  get length(): number {
    return this.#stable(LENGTH);
  }

  /** How many entries were ever put, modulo 2^32. */
  get putCount(): number {
    return this.#stable(PUT_COUNT);
  }

  /** Everything below is for who has the table locked. @throws RuntimeError this thread has. */
  lock(): void {
    const memory = this.#memory;
    if (Atomics.load(memory.i32, this.#base + LOCK) === memory.parties.self) {
      throw new RuntimeError(
        'PriorityQueue: compareTo() or valueOf() of an item uses the queue in which the item is just being ordered',
      );
    }
    const recovered = acquireSpinLock(memory, this.#base + LOCK);
    if (recovered && memory.i32[this.#base + APPLIED] !== memory.i32[this.#base + VERSION]) this.#apply();
    memory.i32[this.#base + MOVES] = 0;
  }

  unlock(): void {
    releaseSpinLock(this.#memory, this.#base + LOCK);
  }

  kind(index: number): number {
    return this.#memory.i32[this.#at(index) + KIND];
  }

  key(index: number): number {
    return this.#double(this.#at(index));
  }

  secondKey(index: number): number {
    return this.#double(this.#at(index) + SECOND_KEY);
  }

  parcel(index: number): number {
    return this.#memory.i32[this.#at(index) + PARCEL];
  }

  /** The next step moves an entry. */
  move(from: number, to: number): void {
    const w = this.#memory.i32;
    const move = this.#newMove(to);
    const entry = this.#at(from);
    for (let i = 0; i < ENTRY_WORDS; i++) w[move + i] = w[entry + i];
  }

  /** The next step sets an entry. */
  set(to: number, { kind, key, secondKey, parcel }: Entry): void {
    const w = this.#memory.i32;
    const move = this.#newMove(to);
    double[0] = key;
    w[move] = halves[0];
    w[move + 1] = halves[1];
    double[0] = secondKey;
    w[move + SECOND_KEY] = halves[0];
    w[move + SECOND_KEY + 1] = halves[1];
    w[move + KIND] = kind;
    w[move + PARCEL] = parcel;
  }

  /** Makes room for one more entry. To be called before moves. @throws MemoryError nothing has changed. */
  reserve(): void {
    const w = this.#memory.i32;
    const state = this.#state();
    const capacity = w[state + CAPACITY];
    if (w[state + LENGTH] === capacity) this.#resize(Math.max(SMALLEST_CAPACITY, capacity * 2));
  }

  /** Takes the step, to `length` entries; `puts` more were put. */
  step(length: number, puts: number): void {
    const w = this.#memory.i32;
    const state = this.#state();
    this.#commit(w[state + ARRAY], w[state + CAPACITY], length, w[state + PUT_COUNT] + puts);
    if (length === 0 && w[state + CAPACITY] > SMALLEST_CAPACITY) this.#resize(0);
  }

  /** Gives the array back. */
  destroy(): void {
    const array = this.#memory.i32[this.#state() + ARRAY];
    if (array !== 0) this.#memory.heap.free(array);
  }

  #resize(capacity: number): void {
    const memory = this.#memory;
    const array = capacity === 0 ? 0 : memory.heap.allocate(capacity * ENTRY_WORDS * 4, 0, false);
    const w = memory.i32;
    const state = this.#state();
    const before = w[state + ARRAY];
    w.copyWithin(array, before, before + w[state + LENGTH] * ENTRY_WORDS);
    w[this.#base + MOVES] = 0;
    this.#commit(array, capacity, w[state + LENGTH], w[state + PUT_COUNT]);
    if (before !== 0) memory.heap.free(before);
  }

  #commit(array: number, capacity: number, length: number, putCount: number): void {
    const w = this.#memory.i32;
    const version = (w[this.#base + VERSION] + 1) | 0;
    const next = this.#base + STATE + (version & 1) * STATE_WORDS;
    w[next + ARRAY] = array;
    w[next + CAPACITY] = capacity;
    w[next + LENGTH] = length;
    w[next + PUT_COUNT] = putCount;
    Atomics.store(w, this.#base + VERSION, version);
    this.#apply();
  }

  #apply(): void {
    const w = this.#memory.i32;
    const base = this.#base;
    const array = w[this.#state() + ARRAY];
    const moves = w[base + MOVES];
    for (let i = 0; i < moves; i++) {
      const move = base + JOURNAL + i * MOVE_WORDS;
      const at = array + w[move] * ENTRY_WORDS;
      for (let word = 0; word < ENTRY_WORDS; word++) w[at + word] = w[move + 1 + word];
    }
    Atomics.store(w, base + APPLIED, w[base + VERSION]);
  }

  /** Where to write the entry of one more move. */
  #newMove(to: number): number {
    const w = this.#memory.i32;
    const move = this.#base + JOURNAL + w[this.#base + MOVES]++ * MOVE_WORDS;
    w[move] = to;
    return move + 1;
  }

  #state(): number {
    return this.#base + STATE + (this.#memory.i32[this.#base + VERSION] & 1) * STATE_WORDS;
  }

  #at(index: number): number {
    return this.#memory.i32[this.#state() + ARRAY] + index * ENTRY_WORDS;
  }

  #double(word: number): number {
    halves[0] = this.#memory.i32[word];
    halves[1] = this.#memory.i32[word + 1];
    return double[0];
  }

  /** A word of the state, for who has not locked the table: the copy is not written to before VERSION has moved on. */
  #stable(word: number): number {
    const w = this.#memory.i32;
    for (;;) {
      const version = Atomics.load(w, this.#base + VERSION);
      const value = Atomics.load(w, this.#base + STATE + (version & 1) * STATE_WORDS + word);
      if (Atomics.load(w, this.#base + VERSION) === version) return value;
    }
  }
}
