/** The queues of Python's `queue` module: on the block that the threads of this program share. */

import { Place } from '../memory/handle.ts';
import { localMemory } from '../memory/local-memory.ts';
import { asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { registerShared } from '../sync/bind.ts';
import { FifoQueue, placeForQueue } from './queue.ts';

/**
 * A first-in first-out queue between the threads of this program.
 *
 * Python: https://docs.python.org/3/library/queue.html#queue.Queue
 */
export class Queue<T = unknown> extends FifoQueue<T> {
  /** @param maxsize how many items it holds at most; 0 or less: no limit but the memory. */
  constructor(maxsize?: number);
  /** @internal */
  constructor(place: Place);
  constructor(maxsize: number | Place = 0) {
    super(maxsize instanceof Place ? maxsize : placeForQueue(localMemory(), maxsize, 'Queue'), 'refuse');
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
registerShared(Queue, 'queue', 'Queue', localMemory, (place) => new Queue(place));
