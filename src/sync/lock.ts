import { RuntimeError } from '../errors.ts';
import { beginWait, outsideFlows } from '../memory/flow.ts';
import type { Place } from '../memory/handle.ts';
import { ExclusiveLock, type HeldState } from './exclusive-lock.ts';
import { type AcquireAsyncOptions, type AcquireOptions, acquireAsyncWait, acquireMilliseconds } from './lockable.ts';
import { MUTEX_WORDS, Mutex } from './mutex.ts';

export const LOCK_BYTES = MUTEX_WORDS * 4;

const HELD_ONCE: HeldState = { depth: 1, flow: 0 };

/**
 * A lock that is held or free. It is not reentrant, and anybody may release it, also another thread or process.
 *
 * A holder that ends without releasing (also by `kill -9`) makes the next `acquire` throw an `OwnerDiedError`, once.
 *
 * Python: https://docs.python.org/3/library/threading.html#lock-objects
 */
export abstract class Lock extends ExclusiveLock {
  readonly #mutex: Mutex;

  protected constructor(place: Place) {
    super(place);
    this.#mutex = new Mutex(place.memory, place.base, 'Lock', this);
  }

  /**
   * Takes the lock; blocks this thread until it is free.
   * @param blocking false: try once and return at once. Or `{ blocking, timeout }`.
   * @param timeout seconds to wait at most; absent, `null` or -1: for ever.
   * @returns whether the lock was taken.
   * @throws ValueError a negative time-out other than -1, or a time-out with `blocking` false.
   * @throws OwnerDiedError its holder ended without releasing it; the lock is free now.
   */
  acquire(blocking: boolean | AcquireOptions = true, timeout?: number | null): boolean {
    if (blocking === true && timeout === undefined && this.#mutex.tryAcquire()) return true;
    return this.#mutex.acquire(acquireMilliseconds(blocking, timeout, 'Lock.acquire'));
  }

  /**
   * Takes the lock while the event loop goes on: {@link acquire} as a promise, with an optional `signal`.
   * @throws the signal's reason when it is aborted; the errors of {@link acquire}.
   */
  async acquireAsync(blocking: boolean | AcquireAsyncOptions = true, timeout?: number | null): Promise<boolean> {
    beginWait(undefined);
    if (blocking === true && timeout === undefined && this.#mutex.tryAcquire()) return true;
    return this.#mutex.acquireAsync(acquireAsyncWait(blocking, timeout, 'Lock.acquireAsync'));
  }

  /**
   * Sets the lock free and wakes one waiter. Never blocks.
   * @throws RuntimeError the lock is not held.
   */
  release(): void {
    if (!this.#mutex.release()) {
      throw new RuntimeError('Lock.release: the lock is not held; call acquire() first, and release() once for it');
    }
  }

  /** Whether the lock is held, by whomever. */
  locked(): boolean {
    return this.#mutex.owner !== 0;
  }

  /** @internal */
  isOwned(): boolean {
    return this.locked();
  }

  /** @internal */
  releaseAll(): HeldState {
    this.release();
    return HELD_ONCE;
  }

  /** @internal */
  restore(): void {
    this.acquire();
  }

  /** @internal */
  async restoreAsync(): Promise<void> {
    await outsideFlows(() => this.#mutex.acquireAsync({}));
  }
}
