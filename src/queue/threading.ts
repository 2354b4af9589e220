/** The queues of Python's `queue` module: on the block that the threads of this program share. */

import { Place } from '../memory/handle.ts';
import { localMemory } from '../memory/local-memory.ts';
import { asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { registerShared } from '../sync/bind.ts';
import { type Discipline, FIFO, LIFO, PRIORITY } from './discipline.ts';
import { ItemQueue, placeForQueue } from './item-queue.ts';
import { SharedQueue } from './queue.ts';
import { type QueueAsyncOptions, type QueueOptions, queueWaitOf } from './queue-options.ts';

/**
 * A first-in first-out queue between the threads of this program.
 *
 * Python: https://docs.python.org/3/library/queue.html#queue.Queue
 */
export class Queue<T = unknown> extends SharedQueue<T> {
  /** @param maxsize how many items it holds at most; 0 or less: no limit but the memory. */
  constructor(maxsize?: number);
  /** @internal */
  constructor(place: number | Place | undefined, discipline: Discipline);
  constructor(maxsize: number | Place = 0, discipline = FIFO) {
    super(placeOf(maxsize, discipline, new.target.name), discipline, 'refuse');
  }

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
    return this.joinItemsAsync(asyncWaitOf(options, 'Queue.joinAsync'));
  }
}
registerShared(Queue, 'queue', 'Queue', localMemory, (place) => new Queue(place, FIFO));

/**
 * A queue between the threads of this program of which the item that was put last comes out first.
 *
 * Python: https://docs.python.org/3/library/queue.html#queue.LifoQueue
 */
export class LifoQueue<T = unknown> extends Queue<T> {
  /** @param maxsize how many items it holds at most; 0 or less: no limit but the memory. */
  constructor(maxsize?: number);
  /** @internal */
  constructor(place: Place);
  constructor(maxsize?: number | Place) {
    super(maxsize, LIFO);
  }
}
registerShared(LifoQueue, 'queue', 'LifoQueue', localMemory, (place) => new LifoQueue(place));

/**
 * A queue between the threads of this program of which the least item comes out first: the least number, the first
 * string by code point, the array whose first element that differs is the least. Objects order themselves with
 * `compareTo(other)` (less than 0: this one first) or a `valueOf()` that gives a number, a BigInt or a string. Of items
 * of which none is less, any may come first: put `[priority, number, item]` to have them in their order.
 *
 * `put` compares the item with some that are in the queue, `get` some with each other; a `TypeError` when two have no
 * order, and whatever the items' own methods throw. The queue is then as before.
 *
 * Python: https://docs.python.org/3/library/queue.html#queue.PriorityQueue
 */
export class PriorityQueue<T = unknown> extends Queue<T> {
  /** @param maxsize how many items it holds at most; 0 or less: no limit but the memory. */
  constructor(maxsize?: number);
  /** @internal */
  constructor(place: Place);
  constructor(maxsize?: number | Place) {
    super(maxsize, PRIORITY);
  }
}
registerShared(PriorityQueue, 'queue', 'PriorityQueue', localMemory, (place) => new PriorityQueue(place));

/**
 * A first-in first-out queue between the threads of this program that has no limit, no end and no `join`.
 *
 * Python: https://docs.python.org/3/library/queue.html#queue.SimpleQueue
 */
export class SimpleQueue<T = unknown> extends ItemQueue<T> {
  constructor();
  /** @internal */
  constructor(place: Place);
  constructor(place?: Place) {
    super(place ?? placeForQueue(localMemory(), FIFO, 0, 'SimpleQueue'), FIFO);
  }

  /**
   * Puts an item at the end; never waits.
   * @param _block and the time-out are there for who has a `Queue` elsewhere.
   * @throws PicklingError the item cannot be sent. @throws MemoryError the memory is full.
   */
  put(item: T, _block?: boolean | QueueOptions, _timeout?: number | null): void {
    this.putItem(item, 0);
  }

  /** {@link put} */
  putNowait(item: T): void {
    this.putItem(item, 0);
  }

  /** {@link put} */
  async putAsync(item: T, _block?: boolean | QueueAsyncOptions, _timeout?: number | null): Promise<void> {
    this.putItem(item, 0);
  }

  /**
   * Takes the first item; blocks this thread while the queue is empty.
   * @param block false: do not wait. Or `{ block, timeout }`.
   * @param timeout seconds to wait at most; absent or `null`: for ever.
   * @throws Empty no item in time.
   */
  get(block: boolean | QueueOptions = true, timeout?: number | null): T {
    return this.getItem(queueWaitOf(block, timeout, 'get', 'refuse').milliseconds);
  }

  /** {@link get} without waiting. @throws Empty */
  getNowait(): T {
    return this.get(false);
  }

  /** {@link get} while the event loop goes on. @throws the signal's reason when it is aborted: no item was taken. */
  async getAsync(block: boolean | QueueAsyncOptions = true, timeout?: number | null): Promise<T> {
    return this.getItemAsync(queueWaitOf(block, timeout, 'getAsync', 'refuse'));
  }
}
registerShared(SimpleQueue, 'queue', 'SimpleQueue', localMemory, (place) => new SimpleQueue(place));

function placeOf(maxsize: number | Place, discipline: Discipline, who: string): Place {
  return maxsize instanceof Place ? maxsize : placeForQueue(localMemory(), discipline, maxsize, who);
}
