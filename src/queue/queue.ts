import { ValueError } from '../errors.ts';
import { beginWait } from '../memory/flow.ts';
import type { Place } from '../memory/handle.ts';
import type { Memory } from '../memory/memory.ts';
import { type Contest, waitAsync, waitBlocking } from '../memory/wait.ts';
import { WaitQueue } from '../memory/wait-queue.ts';
import type { AsyncWaitSettings } from '../sync/async-wait.ts';
import { ABANDONED, CLOSED } from './channel.ts';
import type { Discipline } from './discipline.ts';
import { ItemQueue } from './item-queue.ts';
import { type NegativeTimeout, type QueueAsyncOptions, type QueueOptions, queueWaitOf } from './queue-options.ts';
import { untilShutDown, untilShutDownAsync } from './until-shut-down.ts';

const JOINERS = 10;
const DONE = 14;

/**
 * A queue that any number of threads (and processes, on the system memory) put into and take from. Items are copied
 * when they are put: changing an object afterwards does not change the item.
 */
export abstract class SharedQueue<T> extends ItemQueue<T> {
  readonly #memory: Memory;
  readonly #joiners: WaitQueue;
  readonly #done: number;
  readonly #negative: NegativeTimeout;

  protected constructor(place: Place, discipline: Discipline, negative: NegativeTimeout) {
    super(place, discipline);
    this.#memory = place.memory;
    this.#joiners = new WaitQueue(place.memory, place.base + JOINERS, this);
    this.#done = place.base + DONE;
    this.#negative = negative;
  }

  /**
   * Puts an item; blocks this thread while the queue is full.
   * @param block false: do not wait. Or `{ block, timeout }`.
   * @param timeout seconds to wait at most; absent or `null`: for ever.
   * @throws Full no room in time. @throws ShutDown the queue was shut down.
   * @throws PicklingError the item cannot be sent. @throws MemoryError the memory is full. The queue is as before.
   */
  put(item: T, block: boolean | QueueOptions = true, timeout?: number | null): void {
    this.checkOpen('put');
    this.putItem(item, this.#putWait(block, timeout, 'put').milliseconds);
  }

  /** {@link put} without waiting. @throws Full */
  putNowait(item: T): void {
    this.put(item, false);
  }

  /** {@link put} while the event loop goes on. @throws the signal's reason when it is aborted: the item was not put. */
  async putAsync(item: T, block: boolean | QueueAsyncOptions = true, timeout?: number | null): Promise<void> {
    this.checkOpen('put');
    await this.putItemAsync(item, this.#putWait(block, timeout, 'putAsync'));
  }

  /**
   * Takes the next item; blocks this thread while the queue is empty.
   * @param block false: do not wait. Or `{ block, timeout }`.
   * @param timeout seconds to wait at most; absent or `null`: for ever.
   * @throws Empty no item in time. @throws ShutDown the queue was shut down and is empty.
   */
  get(block: boolean | QueueOptions = true, timeout?: number | null): T {
    this.checkOpen('get');
    return this.getItem(queueWaitOf(block, timeout, 'get', this.#negative).milliseconds);
  }

  /** {@link get} without waiting. @throws Empty */
  getNowait(): T {
    return this.get(false);
  }

  /** {@link get} while the event loop goes on. @throws the signal's reason when it is aborted: no item was taken. */
  async getAsync(block: boolean | QueueAsyncOptions = true, timeout?: number | null): Promise<T> {
    this.checkOpen('get');
    return this.getItemAsync(queueWaitOf(block, timeout, 'getAsync', this.#negative));
  }

  /** Whether the queue has `maxsize` items just now. */
  full(): boolean {
    return this.maxsize > 0 && this.qsize() >= this.maxsize;
  }

  /** How many items the queue holds at most; 0: no limit but the memory. */
  get maxsize(): number {
    return this.channel.limit;
  }

  /** Whether {@link shutdown} was called. */
  get isShutdown(): boolean {
    return this.channel.state !== 0;
  }

  /**
   * Ends the queue: from now on `put` throws `ShutDown`, and so does `get` once the queue is empty; whoever waits is
   * woken. Calling it again may make it immediate, and never opens the queue.
   * @param immediate also throw away the items that are in it.
   */
  shutdown(immediate = false): void {
    this.channel.close(immediate ? ABANDONED : CLOSED);
    if (immediate) while (this.channel.store.drop()) this.#finish();
    this.channel.wakeAll();
    this.#joiners.wake(Number.POSITIVE_INFINITY);
  }

  /** Takes items, blocking, until the queue has been shut down and is empty (ours). */
  [Symbol.iterator](): IterableIterator<T> {
    return untilShutDown(() => this.get());
  }

  /** Takes items while the event loop goes on, until the queue has been shut down and is empty (ours). */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return untilShutDownAsync(() => this.getAsync());
  }

  /** Items put and not yet reported done. */
  protected get unfinished(): number {
    return (this.channel.store.putCount - Atomics.load(this.#memory.i32, this.#done)) | 0;
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
  protected async joinItemsAsync(wait: AsyncWaitSettings): Promise<boolean> {
    beginWait(wait.signal);
    const contest = this.#allDone();
    return contest.attempt(false) || (wait.milliseconds > 0 && waitAsync(this.#memory, contest, wait));
  }

  /** @internal Throws if this object may no longer be used. */
  protected checkOpen(_method: string): void {}

  #putWait(block: boolean | QueueAsyncOptions, timeout: number | null | undefined, method: string): AsyncWaitSettings {
    // As in CPython: an unbounded queue does not look at the time-out.
    return queueWaitOf(block, timeout, method, this.maxsize > 0 ? this.#negative : 'poll');
  }

  #finish(): boolean {
    const w = this.#memory.i32;
    for (;;) {
      const done = Atomics.load(w, this.#done);
      const left = (this.channel.store.putCount - done) | 0;
      if (left <= 0) return false;
      if (Atomics.compareExchange(w, this.#done, done, (done + 1) | 0) !== done) continue;
      if (left === 1) this.#joiners.wake(Number.POSITIVE_INFINITY);
      return true;
    }
  }

  #allDone(): Contest {
    return { queue: this.#joiners, attempt: () => this.unfinished === 0, surplus: () => {} };
  }
}
