/**
 * ```
 * +0  message log (message-log.ts)
 * +16 GETTERS wait queue   +20 PUTTERS wait queue   +24 JOINERS wait queue
 * +28 MAXSIZE     0: no limit
 * +29 DONE        items reported done, of those that were ever put
 * +30 STATE       0 open, 1 shut down: no puts, 2 shut down at once: no gets either
 * ```
 */

import { Empty, Full, ShutDown, ValueError } from '../errors.ts';
import { Place, SharedObject } from '../memory/handle.ts';
import { onDestroy, QUEUE } from '../memory/kinds.ts';
import type { Memory } from '../memory/memory.ts';
import { type Contest, waitAsync, waitBlocking } from '../memory/wait.ts';
import { WaitQueue } from '../memory/wait-queue.ts';
import { describe, toMilliseconds } from '../sync/timeout.ts';
import { decodeMessage, discardMessage, encodeMessage, type Message } from './message.ts';
import { MessageLog } from './message-log.ts';

const GETTERS = 16;
const PUTTERS = 20;
const JOINERS = 24;
const MAXSIZE = 28;
const DONE = 29;
const STATE = 30;
const BYTES = 31 * 4;

const SHUT_DOWN = 1;
const SHUT_DOWN_AT_ONCE = 2;

/** Options of a blocking `put` and `get`. */
export interface QueueOptions {
  /** False: do not wait (default true). */
  block?: boolean;
  /** Seconds; absent or `null`: for ever. */
  timeout?: number | null;
}

/** Options of `putAsync` and `getAsync`. */
export interface QueueAsyncOptions extends QueueOptions {
  /** Ends the wait; the promise rejects with its reason, and no item is lost. */
  signal?: AbortSignal;
}

/** What a queue does about a negative time-out: `queue.Queue` refuses it, `multiprocessing.Queue` does not wait. */
export type NegativeTimeout = 'refuse' | 'poll';

interface Wait {
  milliseconds: number;
  signal?: AbortSignal;
}

/** A place for a new queue. @throws TypeError if `maxsize` is no integer. */
export function placeForQueue(memory: Memory, maxsize: unknown, who: string): Place {
  if (typeof maxsize !== 'number' || !Number.isInteger(maxsize)) {
    throw new TypeError(`${who}: maxsize must be an integer (0 or less: no limit), not ${describe(maxsize)}`);
  }
  const place = Place.fresh(memory, BYTES, QUEUE);
  memory.i32[place.base + MAXSIZE] = Math.min(Math.max(maxsize, 0), 0x7fff_ffff);
  return place;
}

onDestroy(QUEUE, (memory, payload) => new MessageLog(memory, payload).destroy());

/**
 * A first-in first-out queue that any number of threads (and processes, on the system memory) put into and take from.
 * Items are copied when they are put: changing an object afterwards does not change the item.
 */
export abstract class FifoQueue<T> extends SharedObject {
  readonly #memory: Memory;
  readonly #log: MessageLog;
  readonly #getters: WaitQueue;
  readonly #putters: WaitQueue;
  readonly #joiners: WaitQueue;
  readonly #base: number;
  readonly #negative: NegativeTimeout;

  protected constructor(place: Place, negative: NegativeTimeout) {
    super(place);
    this.#memory = place.memory;
    this.#base = place.base;
    this.#negative = negative;
    this.#log = new MessageLog(place.memory, place.base);
    this.#getters = new WaitQueue(place.memory, place.base + GETTERS, this);
    this.#putters = new WaitQueue(place.memory, place.base + PUTTERS, this);
    this.#joiners = new WaitQueue(place.memory, place.base + JOINERS, this);
  }

  /**
   * Puts an item at the end; blocks this thread while the queue is full.
   * @param block false: do not wait. Or `{ block, timeout }`.
   * @param timeout seconds to wait at most; absent or `null`: for ever.
   * @throws Full no room in time. @throws ShutDown the queue was shut down.
   * @throws PicklingError the item cannot be sent. @throws MemoryError the memory is full. The queue is as before.
   */
  put(item: T, block: boolean | QueueOptions = true, timeout?: number | null): void {
    this.checkOpen('put');
    const { milliseconds } = this.#waitOf(block, timeout, 'put', this.maxsize > 0);
    const message = this.#encode(item);
    const put = new Put(this.#log, message, this.#limit(), this.#putters, () => this.#admits());
    try {
      if (!put.attempt() && !(milliseconds > 0 && waitBlocking(this.#memory, put, milliseconds))) put.result = 'full';
    } catch (error) {
      discardMessage(message);
      throw error;
    }
    this.#afterPut(put, message);
  }

  /** {@link put} without waiting. @throws Full */
  putNowait(item: T): void {
    this.put(item, false);
  }

  /** {@link put} while the event loop goes on. @throws the signal's reason when it is aborted: the item was not put. */
  async putAsync(item: T, block: boolean | QueueAsyncOptions = true, timeout?: number | null): Promise<void> {
    this.checkOpen('put');
    const wait = this.#waitOf(block, timeout, 'putAsync', this.maxsize > 0);
    wait.signal?.throwIfAborted();
    const message = this.#encode(item);
    const put = new Put(this.#log, message, this.#limit(), this.#putters, () => this.#admits());
    try {
      if (!put.attempt()) {
        // The bytes lie where the next value will be pickled.
        if (message.bytes !== null) message.bytes = message.bytes.slice();
        if (!(wait.milliseconds > 0 && (await waitAsync(this.#memory, put, wait)))) put.result = 'full';
      }
    } catch (error) {
      discardMessage(message);
      throw error;
    }
    this.#afterPut(put, message);
  }

  /**
   * Takes the first item; blocks this thread while the queue is empty.
   * @param block false: do not wait. Or `{ block, timeout }`.
   * @param timeout seconds to wait at most; absent or `null`: for ever.
   * @throws Empty no item in time. @throws ShutDown the queue was shut down and is empty.
   */
  get(block: boolean | QueueOptions = true, timeout?: number | null): T {
    this.checkOpen('get');
    const { milliseconds } = this.#waitOf(block, timeout, 'get', true);
    const get = new Get(this.#log, this.#getters, () => this.#isShut());
    if (!get.attempt() && milliseconds > 0) waitBlocking(this.#memory, get, milliseconds);
    return this.#afterGet(get);
  }

  /** {@link get} without waiting. @throws Empty */
  getNowait(): T {
    return this.get(false);
  }

  /** {@link get} while the event loop goes on. @throws the signal's reason when it is aborted: no item was taken. */
  async getAsync(block: boolean | QueueAsyncOptions = true, timeout?: number | null): Promise<T> {
    this.checkOpen('get');
    const wait = this.#waitOf(block, timeout, 'getAsync', true);
    wait.signal?.throwIfAborted();
    const get = new Get(this.#log, this.#getters, () => this.#isShut());
    if (!get.attempt() && wait.milliseconds > 0) await waitAsync(this.#memory, get, wait);
    return this.#afterGet(get);
  }

  /** How many items are in the queue just now. */
  qsize(): number {
    return this.#log.length;
  }

  /** Whether the queue is empty just now. */
  empty(): boolean {
    return this.#log.length === 0;
  }

  /** Whether the queue has `maxsize` items just now. */
  full(): boolean {
    return this.maxsize > 0 && this.#log.length >= this.maxsize;
  }

  /** How many items the queue holds at most; 0: no limit but the memory. */
  get maxsize(): number {
    return Atomics.load(this.#memory.i32, this.#base + MAXSIZE);
  }

  /** Whether {@link shutdown} was called. */
  get isShutdown(): boolean {
    return this.#state() !== 0;
  }

  /**
   * Ends the queue: from now on `put` throws `ShutDown`, and so does `get` once the queue is empty; whoever waits is
   * woken. Calling it again may make it immediate, and never opens the queue.
   * @param immediate also throw away the items that are in it.
   */
  shutdown(immediate = false): void {
    const w = this.#memory.i32;
    const wanted = immediate ? SHUT_DOWN_AT_ONCE : SHUT_DOWN;
    for (let state = this.#state(); state < wanted; state = this.#state()) {
      Atomics.compareExchange(w, this.#base + STATE, state, wanted);
    }
    if (immediate) {
      for (let message = this.#log.take(); message !== null; message = this.#log.take()) {
        discardMessage(message);
        this.#finish();
      }
    }
    this.#getters.wake(Number.POSITIVE_INFINITY);
    this.#putters.wake(Number.POSITIVE_INFINITY);
    this.#joiners.wake(Number.POSITIVE_INFINITY);
  }

  /** Takes items, blocking, until the queue has been shut down and is empty (ours). */
  *[Symbol.iterator](): IterableIterator<T> {
    for (;;) {
      try {
        yield this.get();
      } catch (error) {
        if (error instanceof ShutDown) return;
        throw error;
      }
    }
  }

  /** Takes items while the event loop goes on, until the queue has been shut down and is empty (ours). */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<T> {
    for (;;) {
      try {
        yield await this.getAsync();
      } catch (error) {
        if (error instanceof ShutDown) return;
        throw error;
      }
    }
  }

  /** Items put and not yet reported done. */
  protected get unfinished(): number {
    return (this.#log.putCount - Atomics.load(this.#memory.i32, this.#base + DONE)) | 0;
  }

  /** One item is done. @throws ValueError there were not that many. */
  protected finishOne(): void {
    if (!this.#finish()) {
      throw new ValueError('Queue.taskDone: called more often than there were items; call it once for each get()');
    }
  }

  /** @internal Blocks until every item is done. */
  protected joinItems(): void {
    const contest = this.#allDone();
    if (!contest.attempt(false)) waitBlocking(this.#memory, contest, Number.POSITIVE_INFINITY);
  }

  /** @internal Waits until every item is done. */
  protected async joinItemsAsync(wait: Wait): Promise<boolean> {
    wait.signal?.throwIfAborted();
    const contest = this.#allDone();
    return contest.attempt(false) || (wait.milliseconds > 0 && waitAsync(this.#memory, contest, wait));
  }

  /** @internal Throws if this object may no longer be used. */
  protected checkOpen(_method: string): void {}

  #encode(item: T): Message {
    return encodeMessage(item, this.#memory.kind === 'local' ? 'thread' : 'process', 'item');
  }

  #afterPut(put: Put, message: Message): void {
    if (put.result === 'put') {
      this.#getters.wake(1);
      return;
    }
    discardMessage(message);
    if (put.result === 'full') throw new Full(`the queue holds its ${this.maxsize} items; get some, or wait longer`);
    throw new ShutDown('the queue was shut down: nothing can be put any more');
  }

  #afterGet(get: Get): T {
    if (get.message !== null) {
      if (this.maxsize > 0) this.#putters.wake(1);
      return decodeMessage(get.message) as T;
    }
    if (get.shut) throw new ShutDown('the queue was shut down, and no items are left');
    throw new Empty('the queue is empty; wait longer, or put something');
  }

  #limit(): number {
    return this.maxsize || 0x7fff_ffff;
  }

  #admits(): boolean {
    return this.#state() === 0;
  }

  #isShut(): boolean {
    return this.#state() !== 0;
  }

  #state(): number {
    return Atomics.load(this.#memory.i32, this.#base + STATE);
  }

  #finish(): boolean {
    const w = this.#memory.i32;
    for (;;) {
      const done = Atomics.load(w, this.#base + DONE);
      const left = (this.#log.putCount - done) | 0;
      if (left <= 0) return false;
      if (Atomics.compareExchange(w, this.#base + DONE, done, (done + 1) | 0) !== done) continue;
      if (left === 1) this.#joiners.wake(Number.POSITIVE_INFINITY);
      return true;
    }
  }

  #allDone(): Contest {
    return { queue: this.#joiners, attempt: () => this.unfinished === 0, surplus: () => {} };
  }

  #waitOf(
    block: boolean | QueueAsyncOptions,
    timeout: number | null | undefined,
    method: string,
    validate: boolean,
  ): Wait {
    const who = `Queue.${method}`;
    let signal: AbortSignal | undefined;
    if (typeof block === 'object' && block !== null) {
      ({ timeout, signal } = block);
      block = block.block ?? true;
    }
    if (typeof block !== 'boolean') {
      throw new TypeError(`${who}: block must be a boolean or an options object, not ${describe(block)}`);
    }
    if (!block) return { milliseconds: 0, signal };
    const milliseconds = toMilliseconds(timeout, who);
    if (milliseconds < 0 && validate && this.#negative === 'refuse') {
      throw new ValueError(`${who}: timeout must be a non-negative number of seconds, not ${timeout}`);
    }
    return { milliseconds, signal };
  }
}

/** The turn of an item that is to be put. */
class Put implements Contest {
  readonly queue: WaitQueue;
  readonly #log: MessageLog;
  readonly #message: Message;
  readonly #limit: number;
  readonly #admit: () => boolean;
  result: 'put' | 'full' | 'closed' = 'full';

  constructor(log: MessageLog, message: Message, limit: number, queue: WaitQueue, admit: () => boolean) {
    this.#log = log;
    this.#message = message;
    this.#limit = limit;
    this.queue = queue;
    this.#admit = admit;
  }

  attempt(): boolean {
    if (this.#log.length >= this.#limit && this.#admit()) return false;
    this.result = this.#log.put(this.#message, this.#limit, this.#admit);
    return this.result !== 'full';
  }

  surplus(): void {
    if (this.#log.length < this.#limit) this.queue.wake(1);
  }
}

/** The turn of somebody who wants an item. */
class Get implements Contest {
  readonly queue: WaitQueue;
  readonly #log: MessageLog;
  readonly #isShut: () => boolean;
  message: Message | null = null;
  shut = false;

  constructor(log: MessageLog, queue: WaitQueue, isShut: () => boolean) {
    this.#log = log;
    this.queue = queue;
    this.#isShut = isShut;
  }

  attempt(): boolean {
    // Asked first: items that were put before the shutdown are still there to be taken.
    const shut = this.#isShut();
    this.message = this.#log.take();
    if (this.message !== null) return true;
    this.shut = shut;
    return shut;
  }

  surplus(): void {
    if (this.#log.length > 0) this.queue.wake(1);
  }
}
