/** The queues of `multiprocessing`: on the block that a family of processes shares. */

import { AssertionError, OSError, ValueError } from '../errors.ts';
import { Place } from '../memory/handle.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { registerShared } from '../sync/bind.ts';
import { FIFO } from './discipline.ts';
import { ItemQueue, placeForQueue } from './item-queue.ts';
import { SharedQueue } from './queue.ts';
import { type QueueAsyncOptions, queueWaitOf } from './queue-options.ts';

/**
 * A first-in first-out queue between processes, and their threads.
 *
 * An item is in the queue when `put` returns: there is no feeder thread, so that nothing is lost when the process
 * ends, `empty()` tells the truth, and an item that cannot be sent is an error of `put`.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Queue
 */
export class Queue<T = unknown> extends SharedQueue<T> {
  #closed = false;

  /** @param maxsize how many items it holds at most; 0 or less: no limit but the memory. */
  constructor(maxsize?: number);
  /** @internal */
  constructor(place: Place);
  constructor(maxsize: number | Place = 0) {
    const place = maxsize instanceof Place ? maxsize : placeForQueue(systemMemory(), FIFO, maxsize, new.target.name);
    super(place, FIFO, 'poll');
  }

  /** This thread will not use the queue any more; for others nothing changes. */
  close(): void {
    this.#closed = true;
  }

  /**
   * Returns at once: items are in the queue when `put` returns.
   * @throws AssertionError the queue was not closed.
   */
  joinThread(): void {
    if (!this.#closed) throw new AssertionError('Queue.joinThread: the queue is not closed; call close() first');
  }

  /** Does nothing: there is no thread that would hold up the end of the process. */
  cancelJoinThread(): void {}

  protected override checkOpen(method: string): void {
    if (this.#closed) throw new ValueError(`Queue.${method}: the queue was closed in this thread`);
  }
}
registerShared(Queue, 'multiprocessing', 'Queue', systemMemory, (place) => new Queue(place));

/**
 * A {@link Queue} that knows when its items have been dealt with.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.JoinableQueue
 */
export class JoinableQueue<T = unknown> extends Queue<T> {
  /**
   * Says that an item that was taken has been dealt with.
   * @throws ValueError called more often than there were items.
   */
  taskDone(): void {
    this.finishOne();
  }

  /** Blocks this thread until {@link taskDone} was called for every item that was put. */
  join(): void {
    this.joinItems();
  }

  /** {@link join} while the event loop goes on. @returns false when the time has passed. */
  joinAsync(options?: number | null | WaitAsyncOptions): Promise<boolean> {
    return this.joinItemsAsync(asyncWaitOf(options, 'JoinableQueue.joinAsync'));
  }
}
registerShared(JoinableQueue, 'multiprocessing', 'JoinableQueue', systemMemory, (place) => new JoinableQueue(place));

/**
 * A first-in first-out queue between processes, and their threads, without a limit and without time-outs.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.SimpleQueue
 */
export class SimpleQueue<T = unknown> extends ItemQueue<T> {
  #closed = false;

  constructor();
  /** @internal */
  constructor(place: Place);
  constructor(place?: Place) {
    super(place ?? placeForQueue(systemMemory(), FIFO, 0, 'SimpleQueue'), FIFO);
  }

  /**
   * Puts an item at the end; never waits.
   * @throws PicklingError the item cannot be sent. @throws MemoryError the memory is full. @throws OSError it was closed.
   */
  put(obj: T): void {
    this.#checkOpen('put');
    this.putItem(obj, 0);
  }

  /** {@link put} */
  async putAsync(obj: T): Promise<void> {
    this.put(obj);
  }

  /** Takes the first item; blocks this thread while the queue is empty. @throws OSError it was closed. */
  get(): T {
    this.#checkOpen('get');
    return this.getItem(Number.POSITIVE_INFINITY);
  }

  /**
   * {@link get} while the event loop goes on.
   * @throws Empty no item in time. @throws the signal's reason when it is aborted: no item was taken.
   */
  async getAsync(options: QueueAsyncOptions = {}): Promise<T> {
    this.#checkOpen('getAsync');
    return this.getItemAsync(queueWaitOf(options, undefined, 'getAsync', 'poll'));
  }

  /** Whether the queue is empty just now. @throws OSError it was closed. */
  override empty(): boolean {
    this.#checkOpen('empty');
    return super.empty();
  }

  /** This thread will not use the queue any more; for others nothing changes. */
  close(): void {
    this.#closed = true;
  }

  #checkOpen(method: string): void {
    if (this.#closed) throw new OSError(`SimpleQueue.${method}: handle is closed`);
  }
}
registerShared(SimpleQueue, 'multiprocessing', 'SimpleQueue', systemMemory, (place) => new SimpleQueue(place));
