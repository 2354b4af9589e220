import { currentFlowNumber, newFlowNumber, outsideFlows, runAsFlow } from '../memory/flow.ts';
import { asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import {
  type AcquireAsyncOptions,
  type AcquireOptions,
  acquireMilliseconds,
  checkSignal,
  Guard,
  runHeld,
} from '../sync/lockable.ts';
import { BaseProxy, callLater, callNow } from './base-proxy.ts';
import { registerProxy } from './proxies.ts';

/**
 * What can be acquired and released in the server of a manager.
 *
 * The holder is the calling thread or, for what runs inside {@link withAsync}, that flow alone.
 */
export abstract class AcquirerProxy extends BaseProxy {
  /**
   * Acquires; blocks this thread until that is possible.
   * @param blocking false: try once and return at once. Or `{ blocking, timeout }`.
   * @param timeout seconds to wait at most; absent, `null` or -1: for ever.
   * @returns whether it was acquired.
   * @throws ValueError a negative time-out other than -1, or a time-out with `blocking` false.
   * @throws OwnerDiedError the thread that held the lock ended without releasing it; the lock is free now.
   */
  acquire(blocking: boolean | AcquireOptions = true, timeout?: number | null): boolean {
    return callNow(this, 'acquire', acquireArguments(blocking, timeout));
  }

  /** {@link acquire} while the event loop goes on. @throws the signal's reason when it is aborted: nothing is held. */
  async acquireAsync(blocking: boolean | AcquireAsyncOptions = true, timeout?: number | null): Promise<boolean> {
    const signal = checkSignal(blocking, 'acquireAsync');
    // As that of threading.RLock: outside of a flow, each call excludes the others.
    const flow = currentFlowNumber() || -newFlowNumber();
    return callLater(this, 'acquire', acquireArguments(blocking, timeout), { signal }, flow);
  }

  /** Releases. @throws RuntimeError it is not held, or not by this thread or flow. */
  release(): void {
    callNow(this, 'release', []);
  }

  /** {@link release} while the event loop goes on. */
  async releaseAsync(): Promise<void> {
    await callLater(this, 'release', []);
  }

  /** Acquires, blocking this thread; the guard releases: `using _ = lock.hold()`. */
  hold(): Guard {
    this.acquire();
    return new Guard(() => this.release());
  }

  /** Acquires while the event loop goes on; the guard releases: `using _ = await lock.holdAsync()`. */
  async holdAsync(options: { signal?: AbortSignal } = {}): Promise<Guard> {
    await this.acquireAsync(options);
    return new Guard(() => this.release());
  }

  /**
   * Runs `fn` with the lock held, blocking this thread until it is: Python's `with lock:`.
   * @throws TypeError `fn` returns a promise: the lock would be released before it settles.
   */
  with<R>(fn: () => R): R {
    return runHeld(this, fn, 'with()');
  }

  /** Runs `fn` with the lock held until its promise settles, while the event loop goes on: `async with lock:`. */
  async withAsync<R>(fn: () => R | PromiseLike<R>, options: { signal?: AbortSignal } = {}): Promise<R> {
    const signal = checkSignal(options, 'withAsync');
    const number = currentFlowNumber() || newFlowNumber();
    await callLater(this, 'acquire', [], { signal }, number);
    return runAsFlow(number, async () => {
      try {
        return await fn();
      } finally {
        // Not even a kill keeps it from that.
        await outsideFlows(() => callLater(this, 'release', [], undefined, number));
      }
    });
  }
}

function acquireArguments(blocking: boolean | AcquireOptions, timeout: number | null | undefined): unknown[] {
  if (blocking === true && timeout === undefined) return [];
  const milliseconds = acquireMilliseconds(blocking, timeout, 'acquire');
  if (milliseconds === Number.POSITIVE_INFINITY) return [];
  return milliseconds === 0 ? [false] : [true, milliseconds / 1000];
}

/** @internal The arguments of `wait(timeout)` and its signal. */
export function waitArguments(
  options: number | null | WaitAsyncOptions | undefined,
  who: string,
): { args: unknown[]; signal?: AbortSignal } {
  const { milliseconds, signal } = asyncWaitOf(options, who);
  return { args: milliseconds === Number.POSITIVE_INFINITY ? [] : [milliseconds / 1000], signal };
}

/**
 * A `Lock` or an `RLock` in the server of a manager. One whose holder ends without releasing it (its thread, or its
 * process by `kill -9`) makes the next `acquire` throw an `OwnerDiedError`, once.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.Lock
 */
export class LockProxy extends AcquirerProxy {
  /** Whether the lock is held, by whomever. */
  locked(): boolean {
    return callNow(this, 'locked', []);
  }

  /** {@link locked} while the event loop goes on. */
  async lockedAsync(): Promise<boolean> {
    return callLater(this, 'locked', []);
  }
}

/**
 * A `Semaphore` or a `BoundedSemaphore` in the server of a manager. A permit has no owner: one that dies with it keeps it.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.Semaphore
 */
export class SemaphoreProxy extends AcquirerProxy {
  /** Gives permits back. @throws ValueError a bounded one would have more than at first. */
  override release(n = 1): void {
    callNow(this, 'release', [n]);
  }

  /** {@link release} while the event loop goes on. */
  override async releaseAsync(n = 1): Promise<void> {
    await callLater(this, 'release', [n]);
  }
}

/**
 * A condition in the server of a manager, with its lock.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.Condition
 */
export class ConditionProxy extends LockProxy {
  /**
   * Releases the lock, blocks this thread until it is notified, and acquires the lock again.
   * @param timeout seconds to wait for the notification at most; absent: for ever.
   * @returns false when the time has passed without a notification. @throws RuntimeError the lock is not held.
   */
  wait(timeout?: number | null): boolean {
    return callNow(this, 'wait', waitArguments(timeout, 'Condition.wait').args);
  }

  /** {@link wait} while the event loop goes on. An abort ends the wait only: the lock is held when it rejects. */
  async waitAsync(options?: number | null | WaitAsyncOptions): Promise<boolean> {
    const { args, signal } = waitArguments(options, 'Condition.waitAsync');
    return callLater(this, 'wait', args, { signal });
  }

  /**
   * Waits until `predicate()`, called here with the lock held, returns something true.
   * @param timeout seconds in all. @returns what the predicate returned last.
   */
  waitFor<R>(predicate: () => R, timeout?: number | null): R {
    const end = performance.now() + asyncWaitOf(timeout, 'Condition.waitFor').milliseconds;
    for (let first = true; ; first = false) {
      const result = predicate();
      const left = end - performance.now();
      if (result || (left <= 0 && !first)) return result;
      this.wait(left === Number.POSITIVE_INFINITY ? null : Math.max(left, 0) / 1000);
    }
  }

  /** {@link waitFor} while the event loop goes on; the predicate may return a promise. */
  async waitForAsync<R>(
    predicate: () => R | PromiseLike<R>,
    options?: number | null | WaitAsyncOptions,
  ): Promise<Awaited<R>> {
    const { milliseconds, signal } = asyncWaitOf(options, 'Condition.waitForAsync');
    const end = performance.now() + milliseconds;
    for (let first = true; ; first = false) {
      const result = await predicate();
      const left = end - performance.now();
      if (result || (left <= 0 && !first)) return result;
      await this.waitAsync({ timeout: left === Number.POSITIVE_INFINITY ? null : Math.max(left, 0) / 1000, signal });
    }
  }

  /** Notifies the `n` that have waited longest. @throws RuntimeError the lock is not held. */
  notify(n = 1): void {
    callNow(this, 'notify', [n]);
  }

  /** {@link notify} while the event loop goes on. */
  async notifyAsync(n = 1): Promise<void> {
    await callLater(this, 'notify', [n]);
  }

  /** Notifies all that wait. @throws RuntimeError the lock is not held. */
  notifyAll(): void {
    callNow(this, 'notifyAll', []);
  }

  /** {@link notifyAll} while the event loop goes on. */
  async notifyAllAsync(): Promise<void> {
    await callLater(this, 'notifyAll', []);
  }
}

registerProxy('Lock', LockProxy, (reference) => new LockProxy(reference));
registerProxy('Semaphore', SemaphoreProxy, (reference) => new SemaphoreProxy(reference));
registerProxy('Condition', ConditionProxy, (reference) => new ConditionProxy(reference));
