/**
 * ```
 * +0 wait queue of 4 words: who waits for a notification, first come first
 * +4 reentrant lock (rlock.ts), unless another lock was given
 * ```
 *
 * `wait` puts its node into the queue, releases the lock, sleeps until the node has been handed a notification, and
 * acquires the lock again. `notify(n)` takes the first n nodes of live parties out of the queue. So a notification goes
 * to a waiter that stood in the queue when it was made, or to nobody; one that times out, is aborted or has died is not
 * in the queue, and takes nothing. (CPython leaves a waiter that timed out in its list until it has the lock again, and
 * may notify it in vain.)
 */

import { OwnerDiedError, RuntimeError } from '../errors.ts';
import { beginWait } from '../memory/flow.ts';
import { Place } from '../memory/handle.ts';
import { uninterrupted } from '../memory/interruption.ts';
import { type AsyncWait, type Contest, waitAsync, waitBlocking } from '../memory/wait.ts';
import { WAIT_QUEUE_WORDS, WaitQueue } from '../memory/wait-queue.ts';
import { asyncWaitOf, type WaitAsyncOptions } from './async-wait.ts';
import { ExclusiveLock, type HeldState } from './exclusive-lock.ts';
import { type AcquireAsyncOptions, type AcquireOptions, Lockable } from './lockable.ts';
import { RLOCK_WORDS } from './rlock.ts';
import { describe } from './timeout.ts';

const OWN_LOCK = WAIT_QUEUE_WORDS;
export const CONDITION_BYTES = (OWN_LOCK + RLOCK_WORDS) * 4;

/** Constructor options of a condition. */
export interface ConditionOptions {
  /** The lock to use; absent: a new reentrant one. */
  lock?: ExclusiveLock | null;
}

/** The lock that `Condition(lock)` or `Condition({ lock })` was given. */
export function lockArgument(argument: unknown, kind: 'local' | 'system'): ExclusiveLock | null {
  if (argument === undefined || argument === null) return null;
  if (argument instanceof ExclusiveLock) {
    if (kind === 'system' && argument.place.memory.kind === 'local') {
      throw new TypeError('Condition: a multiprocessing condition needs a lock of multiprocessing, not of threading');
    }
    return argument;
  }
  if (typeof argument === 'object' && 'lock' in argument) return lockArgument(argument.lock, kind);
  throw new TypeError(`Condition: lock must be a Lock or an RLock, not ${describe(argument)}`);
}

/**
 * A lock with a waiting room: who holds the lock can wait, which releases it, until another one that holds it notifies.
 *
 * Python: https://docs.python.org/3/library/threading.html#condition-objects
 */
export abstract class Condition extends Lockable {
  readonly #queue: WaitQueue;
  readonly #lock: ExclusiveLock;
  /** @internal The lock that the constructor was given, if it was. */
  readonly foreignLock: ExclusiveLock | null;

  protected constructor(place: Place, lock: ExclusiveLock | null, makeLock: (place: Place) => ExclusiveLock) {
    super(place);
    this.#queue = new WaitQueue(place.memory, place.base, this);
    this.foreignLock = lock;
    this.#lock = lock ?? makeLock(new Place(place.memory, place.payload, place.base + OWN_LOCK));
  }

  /** `acquire` of the lock. */
  acquire(blocking?: boolean | AcquireOptions, timeout?: number | null): boolean {
    return this.#lock.acquire(blocking, timeout);
  }

  /** `acquireAsync` of the lock. */
  acquireAsync(blocking?: boolean | AcquireAsyncOptions, timeout?: number | null): Promise<boolean> {
    return this.#lock.acquireAsync(blocking, timeout);
  }

  /** `release` of the lock. */
  release(): void {
    this.#lock.release();
  }

  /** Whether the lock is held, by whomever. */
  locked(): boolean {
    return this.#lock.locked();
  }

  /** Runs `fn` with the lock held, as the lock's own `withAsync` does. */
  override withAsync<R>(fn: () => R | PromiseLike<R>, options: { signal?: AbortSignal } = {}): Promise<R> {
    return this.#lock.withAsync(fn, options);
  }

  /**
   * Releases the lock (all levels of an `RLock`), blocks this thread until it is notified, and acquires the lock again,
   * which has no time-out.
   * @param timeout seconds to wait for the notification at most (0 or less: only let go and acquire again); absent: for ever.
   * @returns false when the time has passed without a notification.
   * @throws RuntimeError the lock is not held. @throws OwnerDiedError another holder ended without releasing the lock;
   * it is held by the caller now, as after every other end of the wait.
   */
  wait(timeout?: number | null | { timeout?: number | null }): boolean {
    const { milliseconds } = asyncWaitOf(timeout, 'Condition.wait');
    const turn = this.#turn('wait');
    try {
      return waitBlocking(this.place.memory, turn, milliseconds);
    } finally {
      this.#reacquire(turn.held);
    }
  }

  /**
   * {@link wait} while the event loop goes on. An abort ends the wait only; the promise rejects when the lock has been
   * acquired again. A notification that came before the abort counts.
   */
  async waitAsync(options?: number | null | WaitAsyncOptions): Promise<boolean> {
    const wait: AsyncWait = asyncWaitOf(options, 'Condition.waitAsync');
    beginWait(wait.signal);
    const turn = this.#turn('waitAsync');
    try {
      return await waitAsync(this.place.memory, turn, wait);
    } finally {
      await this.#reacquireAsync(turn.held);
    }
  }

  /**
   * Waits until `predicate()`, called with the lock held, returns something true.
   * @param timeout seconds in all; absent: for ever.
   * @returns what the predicate returned last: something false if the time has passed.
   */
  waitFor<T>(predicate: () => T, timeout?: number | null | { timeout?: number | null }): T {
    const deadline = deadlineOf(asyncWaitOf(timeout, 'Condition.waitFor').milliseconds);
    let result = check(predicate());
    for (let first = true; !result; first = false) {
      const left = deadline();
      if (left <= 0 && !first) break;
      this.wait(left / 1000);
      result = check(predicate());
    }
    return result;
  }

  /** {@link waitFor} while the event loop goes on; the predicate may return a promise. */
  async waitForAsync<T>(
    predicate: () => T | PromiseLike<T>,
    options?: number | null | WaitAsyncOptions,
  ): Promise<Awaited<T>> {
    const { milliseconds, signal } = asyncWaitOf(options, 'Condition.waitForAsync');
    const deadline = deadlineOf(milliseconds);
    let result = await predicate();
    for (let first = true; !result; first = false) {
      const left = deadline();
      if (left <= 0 && !first) break;
      await this.waitAsync({ timeout: left / 1000, signal });
      result = await predicate();
    }
    return result as Awaited<T>;
  }

  /**
   * Notifies the `n` that have waited longest (fewer if fewer wait). They go on when they have the lock.
   * @throws RuntimeError the lock is not held.
   */
  notify(n = 1): void {
    if (typeof n !== 'number' || Number.isNaN(n)) {
      throw new TypeError(`Condition.notify: n must be a number, not ${describe(n)}`);
    }
    this.#checkOwned('notify');
    if (n >= 1 && this.#queue.length > 0) this.#queue.inOneStep((queue) => queue.hand(Math.floor(n), () => 0));
  }

  /** Notifies all that wait. @throws RuntimeError the lock is not held. */
  notifyAll(): void {
    this.#checkOwned('notifyAll');
    if (this.#queue.length > 0) this.#queue.inOneStep((queue) => queue.hand(Number.POSITIVE_INFINITY, () => 0));
  }

  #checkOwned(method: string): void {
    if (this.#lock.isOwned()) return;
    throw new RuntimeError(`Condition.${method}: the lock is not held; call it inside with(), withAsync() or hold()`);
  }

  #turn(method: string): Turn {
    this.#checkOwned(method);
    return new Turn(this.#queue, this.#lock);
  }

  /** Whatever ends a wait, the caller has the lock afterwards: also when it is the first to hear of a holder's death. */
  #reacquire(held: HeldState): void {
    let death: OwnerDiedError | undefined;
    for (;;) {
      try {
        uninterrupted(() => this.#lock.restore(held));
        break;
      } catch (error) {
        if (!(error instanceof OwnerDiedError)) throw error;
        death = error;
      }
    }
    if (death !== undefined) throw death;
  }

  async #reacquireAsync(held: HeldState): Promise<void> {
    let death: OwnerDiedError | undefined;
    for (;;) {
      try {
        await this.#lock.restoreAsync(held);
        break;
      } catch (error) {
        if (!(error instanceof OwnerDiedError)) throw error;
        death = error;
      }
    }
    if (death !== undefined) throw death;
  }
}

class Turn implements Contest {
  readonly queue: WaitQueue;
  readonly #lock: ExclusiveLock;
  held: HeldState = { depth: 0, flow: 0 };

  constructor(queue: WaitQueue, lock: ExclusiveLock) {
    this.queue = queue;
    this.#lock = lock;
  }

  enter(node: number, flags: number): true {
    this.queue.push(node, flags, false);
    this.held = this.#lock.releaseAll();
    return true;
  }

  attempt(): boolean {
    return false;
  }

  surplus(): void {}
}

function deadlineOf(milliseconds: number): () => number {
  const end = performance.now() + milliseconds;
  return () => end - performance.now();
}

function check<T>(result: T): T {
  if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') return result;
  throw new TypeError('Condition.waitFor: the predicate returned a promise, which is always true; use waitForAsync()');
}
