/**
 * What is known of a worker of a pool, in a list of its crew (crew.ts).
 *
 * ```
 *  +0 NEXT     in the crew's list
 *  +1 STATE    0 starting, 1 at work, 2 ended
 *  +2 TASK     slot of the task that it runs or is about to take, 0: none
 *  +3 MAILBOX  where that task's result goes   +4 USE   which use of the slot it is
 *  +5 ORDERS   wait queue: the worker, when a task of its own wants to know whether it should stop
 *  +9 WAITS    1: it waits for a task of its own crew
 * +10 STOPPED  1: it was stopped on purpose
 * +11 NUMBER   the how-manieth worker of the crew it is
 * +12 ENDING   text: what it says of its end
 * +13 IDLE     1: it looks for a task
 * ```
 *
 * TASK is stored last and taken away first: who finds a worker dead settles the task that stands there.
 */

import type { Memory } from '../memory/memory.ts';
import { loadText, storeText } from '../memory/text.ts';
import { WAIT_QUEUE_WORDS, WaitQueue } from '../memory/wait-queue.ts';

const NEXT = 0;
const STATE = 1;
const TASK = 2;
const MAILBOX = 3;
const USE = 4;
const ORDERS = 5;
const WAITS = ORDERS + WAIT_QUEUE_WORDS;
const STOPPED = WAITS + 1;
const NUMBER = WAITS + 2;
const ENDING = WAITS + 3;
const IDLE = WAITS + 4;
const BYTES = (IDLE + 1) * 4;

export const STARTING = 0;
export const AT_WORK = 1;
export const ENDED = 2;

/** A view of one worker's record. */
export class WorkerRecord {
  readonly memory: Memory;
  readonly at: number;
  readonly orders: WaitQueue;

  constructor(memory: Memory, at: number) {
    this.memory = memory;
    this.at = at;
    this.orders = new WaitQueue(memory, at + ORDERS, this);
  }

  static create(memory: Memory): WorkerRecord {
    return new WorkerRecord(memory, memory.heap.allocate(BYTES));
  }

  /** It is another worker's from now on. ORDERS stays as it is: a dead worker may stand there until it is buried. */
  renew(number: number): void {
    const w = this.memory.i32;
    const ending = Atomics.exchange(w, this.at + ENDING, 0);
    if (ending !== 0) this.memory.heap.free(ending);
    for (let word = NEXT; word < BYTES / 4; word++) {
      if (word < ORDERS || word >= ORDERS + WAIT_QUEUE_WORDS) Atomics.store(w, this.at + word, 0);
    }
    Atomics.store(w, this.at + NUMBER, number);
  }

  get next(): number {
    return this.memory.i32[this.at + NEXT];
  }

  set next(at: number) {
    Atomics.store(this.memory.i32, this.at + NEXT, at);
  }

  get state(): number {
    return this.#load(STATE);
  }

  get number(): number {
    return this.#load(NUMBER);
  }

  get task(): number {
    return this.#load(TASK);
  }

  get mailbox(): number {
    return this.#load(MAILBOX);
  }

  get use(): number {
    return this.#load(USE);
  }

  get waits(): boolean {
    return this.#load(WAITS) === 1;
  }

  set waits(waits: boolean) {
    Atomics.store(this.memory.i32, this.at + WAITS, waits ? 1 : 0);
  }

  get stopped(): boolean {
    return this.#load(STOPPED) === 1;
  }

  set stopped(stopped: boolean) {
    Atomics.store(this.memory.i32, this.at + STOPPED, stopped ? 1 : 0);
  }

  get idle(): boolean {
    return this.#load(IDLE) === 1;
  }

  set idle(idle: boolean) {
    Atomics.store(this.memory.i32, this.at + IDLE, idle ? 1 : 0);
  }

  /** What the worker itself said of its end, empty if nothing. */
  get ending(): string {
    return loadText(this.memory, this.#load(ENDING));
  }

  set ending(text: string) {
    const before = Atomics.exchange(this.memory.i32, this.at + ENDING, storeText(this.memory, text));
    if (before !== 0) this.memory.heap.free(before);
  }

  /** It is up, and takes tasks. */
  begin(): void {
    Atomics.compareExchange(this.memory.i32, this.at + STATE, STARTING, AT_WORK);
  }

  /** It has ended. Returns whether this call was the first to say so. */
  end(): boolean {
    return Atomics.exchange(this.memory.i32, this.at + STATE, ENDED) !== ENDED;
  }

  /** It is about to take a task. */
  setTask(slot: number, mailbox: number, use: number): void {
    const w = this.memory.i32;
    w[this.at + MAILBOX] = mailbox;
    w[this.at + USE] = use;
    Atomics.store(w, this.at + TASK, slot);
  }

  /** It has nothing to do with a task any more. Returns the slot that stood there. */
  clearTask(): number {
    return Atomics.exchange(this.memory.i32, this.at + TASK, 0);
  }

  free(): void {
    const ending = this.#load(ENDING);
    if (ending !== 0) this.memory.heap.free(ending);
    this.memory.heap.free(this.at);
  }

  #load(word: number): number {
    return Atomics.load(this.memory.i32, this.at + word);
  }
}
