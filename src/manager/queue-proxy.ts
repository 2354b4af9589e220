import { type QueueAsyncOptions, type QueueOptions, queueWaitOf } from '../queue/queue-options.ts';
import { untilShutDown, untilShutDownAsync } from '../queue/until-shut-down.ts';
import type { WaitAsyncOptions } from '../sync/async-wait.ts';
import { BaseProxy, callLater, callNow } from './base-proxy.ts';
import { waitArguments } from './lock-proxy.ts';
import { registerProxy } from './proxies.ts';

/**
 * A queue in the server of a manager: that of `queue`, with `taskDone`, `join` and `shutdown`.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.Queue
 */
export class QueueProxy<T = unknown> extends BaseProxy {
  /**
   * Puts an item; blocks this thread while the queue is full.
   * @param block false: do not wait. Or `{ block, timeout }`. @param timeout seconds to wait at most.
   * @throws Full no room in time. @throws ShutDown the queue was shut down.
   */
  put(item: T, block: boolean | QueueOptions = true, timeout?: number | null): void {
    callNow(this, 'put', [item, ...waitOf(block, timeout, 'put').args]);
  }

  /** {@link put} without waiting. */
  putNowait(item: T): void {
    this.put(item, false);
  }

  /** {@link put} while the event loop goes on. @throws the signal's reason when it is aborted: the item was not put. */
  async putAsync(item: T, block: boolean | QueueAsyncOptions = true, timeout?: number | null): Promise<void> {
    const { args, signal } = waitOf(block, timeout, 'putAsync');
    await callLater(this, 'put', [item, ...args], { signal });
  }

  /**
   * Takes the first item; blocks this thread while the queue is empty.
   * @throws Empty no item in time. @throws ShutDown the queue was shut down and is empty.
   */
  get(block: boolean | QueueOptions = true, timeout?: number | null): T {
    return callNow(this, 'get', waitOf(block, timeout, 'get').args);
  }

  /** {@link get} without waiting. */
  getNowait(): T {
    return this.get(false);
  }

  /** {@link get} while the event loop goes on. @throws the signal's reason when it is aborted: no item was taken. */
  async getAsync(block: boolean | QueueAsyncOptions = true, timeout?: number | null): Promise<T> {
    const { args, signal } = waitOf(block, timeout, 'getAsync');
    return callLater(this, 'get', args, { signal });
  }

  /** How many items are in the queue. */
  qsize(): number {
    return callNow(this, 'qsize', []);
  }

  /** {@link qsize} while the event loop goes on. */
  async qsizeAsync(): Promise<number> {
    return callLater(this, 'qsize', []);
  }

  /** Whether the queue is empty. */
  empty(): boolean {
    return callNow(this, 'empty', []);
  }

  /** {@link empty} while the event loop goes on. */
  async emptyAsync(): Promise<boolean> {
    return callLater(this, 'empty', []);
  }

  /** Whether the queue is full. */
  full(): boolean {
    return callNow(this, 'full', []);
  }

  /** {@link full} while the event loop goes on. */
  async fullAsync(): Promise<boolean> {
    return callLater(this, 'full', []);
  }

  /** An item that was taken has been dealt with. @throws ValueError called more often than there were items. */
  taskDone(): void {
    callNow(this, 'taskDone', []);
  }

  /** {@link taskDone} while the event loop goes on. */
  async taskDoneAsync(): Promise<void> {
    await callLater(this, 'taskDone', []);
  }

  /** Blocks this thread until {@link taskDone} was called for every item that was put. */
  join(): void {
    callNow(this, 'join', []);
  }

  /** {@link join} while the event loop goes on. @returns false when the time has passed. */
  async joinAsync(options?: number | null | WaitAsyncOptions): Promise<boolean> {
    const { args, signal } = waitArguments(options, 'Queue.joinAsync');
    return callLater(this, 'join', args, { signal });
  }

  /** Ends the queue. @param immediate also throw away the items that are in it. */
  shutdown(immediate = false): void {
    callNow(this, 'shutdown', [immediate]);
  }

  /** {@link shutdown} while the event loop goes on. */
  async shutdownAsync(immediate = false): Promise<void> {
    await callLater(this, 'shutdown', [immediate]);
  }

  /** Takes items, blocking, until the queue has been shut down and is empty (ours). */
  [Symbol.iterator](): IterableIterator<T> {
    return untilShutDown(() => this.get());
  }

  /** Takes items while the event loop goes on, until the queue has been shut down and is empty (ours). */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return untilShutDownAsync(() => this.getAsync());
  }
}

function waitOf(
  block: boolean | QueueAsyncOptions,
  timeout: number | null | undefined,
  method: string,
): { args: unknown[]; signal?: AbortSignal } {
  const { milliseconds, signal } = queueWaitOf(block, timeout, method, 'poll');
  if (milliseconds === Number.POSITIVE_INFINITY) return { args: [], signal };
  return { args: milliseconds === 0 ? [false] : [true, milliseconds / 1000], signal };
}

registerProxy('Queue', QueueProxy, (reference) => new QueueProxy(reference));
