import type { WaitAsyncOptions } from '../sync/async-wait.ts';
import { BaseProxy, callLater, callNow } from './base-proxy.ts';
import { waitArguments } from './lock-proxy.ts';
import { registerProxy } from './proxies.ts';

/**
 * A flag in the server of a manager.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.Event
 */
export class EventProxy extends BaseProxy {
  /** Whether it is raised. */
  isSet(): boolean {
    return callNow(this, 'isSet', []);
  }

  /** {@link isSet} while the event loop goes on. */
  async isSetAsync(): Promise<boolean> {
    return callLater(this, 'isSet', []);
  }

  /** Raises it, and wakes all that wait. */
  set(): void {
    callNow(this, 'set', []);
  }

  /** {@link set} while the event loop goes on. */
  async setAsync(): Promise<void> {
    await callLater(this, 'set', []);
  }

  /** Lowers it. */
  clear(): void {
    callNow(this, 'clear', []);
  }

  /** {@link clear} while the event loop goes on. */
  async clearAsync(): Promise<void> {
    await callLater(this, 'clear', []);
  }

  /** Blocks this thread until it is raised. @param timeout seconds at most. @returns false when they have passed. */
  wait(timeout?: number | null): boolean {
    return callNow(this, 'wait', waitArguments(timeout, 'Event.wait').args);
  }

  /** {@link wait} while the event loop goes on. @throws the signal's reason when it is aborted. */
  async waitAsync(options?: number | null | WaitAsyncOptions): Promise<boolean> {
    const { args, signal } = waitArguments(options, 'Event.waitAsync');
    return callLater(this, 'wait', args, { signal });
  }
}

/**
 * A meeting point in the server of a manager. A thread that ends while it waits breaks it for the others.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.Barrier
 */
export class BarrierProxy extends BaseProxy {
  /**
   * Blocks this thread until all parties are there.
   * @param timeout seconds at most; when they have passed, the barrier is broken.
   * @returns a number from 0 on, another one for each party. @throws BrokenBarrierError
   */
  wait(timeout?: number | null): number {
    return callNow(this, 'wait', waitArguments(timeout, 'Barrier.wait').args);
  }

  /** {@link wait} while the event loop goes on. @throws the signal's reason: this party has not come. */
  async waitAsync(options?: number | null | WaitAsyncOptions): Promise<number> {
    const { args, signal } = waitArguments(options, 'Barrier.waitAsync');
    return callLater(this, 'wait', args, { signal });
  }

  /** Throws all out that wait, with a `BrokenBarrierError`, and starts afresh. */
  reset(): void {
    callNow(this, 'reset', []);
  }

  /** {@link reset} while the event loop goes on. */
  async resetAsync(): Promise<void> {
    await callLater(this, 'reset', []);
  }

  /** Breaks it. */
  abort(): void {
    callNow(this, 'abort', []);
  }

  /** {@link abort} while the event loop goes on. */
  async abortAsync(): Promise<void> {
    await callLater(this, 'abort', []);
  }

  /** How many have to come. */
  get parties(): number {
    return callNow(this, 'parties', []);
  }

  /** How many wait. */
  get nWaiting(): number {
    return callNow(this, 'nWaiting', []);
  }

  /** Whether it is broken. */
  get broken(): boolean {
    return callNow(this, 'broken', []);
  }
}

registerProxy('Event', EventProxy, (reference) => new EventProxy(reference));
registerProxy('Barrier', BarrierProxy, (reference) => new BarrierProxy(reference));
