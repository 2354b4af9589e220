import { AsyncResource } from 'node:async_hooks';
import { Full, ValueError } from '../errors.ts';
import { beginWait } from '../memory/flow.ts';
import { asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { describe } from '../sync/timeout.ts';
import type { Greenlet } from './greenlet.ts';
import { type GreenletClass, Group, refuseToSend } from './group.ts';
import { waitFor } from './waiting.ts';

/** Constructor options of a pool. */
export interface PoolOptions {
  /** How many greenlets run at the same time at most; absent or `null`: no limit. */
  size?: number | null;
  /** What `spawn` makes; absent: `Greenlet`. */
  greenletClass?: GreenletClass;
}

/**
 * A group in which no more than `size` greenlets run at the same time.
 *
 * Where gevent's `spawn` blocks because the pool is full, ours returns the greenlet at once, and the greenlet waits for
 * its place, first come first served. (An `await pool.spawn(…)` would wait for the result: greenlets are awaitable.) Who
 * makes many of them waits first: `await pool.waitAvailable()`; `map` and `imap` do so.
 *
 * gevent: https://www.gevent.org/api/gevent.pool.html#gevent.pool.Pool
 */
export class Pool extends Group {
  /** How many run at the same time at most; `null`: no limit. */
  readonly size: number | null;
  readonly #limit: number;
  /** Those that wait for a place, and how to start each. */
  readonly #waiting = new Map<Greenlet, () => void>();
  readonly #whenFree = new Set<() => void>();

  /** @throws ValueError `size` is negative. @throws TypeError it is no integer. */
  constructor(size?: number | null | PoolOptions, greenletClass?: GreenletClass) {
    const options = typeof size === 'object' && size !== null ? size : { size, greenletClass };
    super();
    this.size = options.size ?? null;
    if (this.size !== null && !Number.isInteger(this.size)) {
      throw new TypeError(`Pool: size must be an integer, null or absent, not ${describe(this.size)}`);
    }
    if (this.size !== null && this.size < 0) throw new ValueError(`Pool: size must not be negative, not ${this.size}`);
    this.#limit = this.size ?? Number.POSITIVE_INFINITY;
    if (options.greenletClass !== undefined) this.greenletClass = options.greenletClass;
  }

  /**
   * Takes a greenlet in, which takes a place at once.
   * @throws Full there is none: `await pool.waitAvailable()` first, or use {@link start}.
   */
  override add(greenlet: Greenlet): void {
    if (this.full() && !this.has(greenlet)) throw new Full(`Pool.add: all ${this.size} places of the pool are taken`);
    super.add(greenlet);
  }

  /**
   * Takes a greenlet in and starts it as soon as there is a place.
   * @throws Full it runs already, and there is no place for it.
   */
  override start(greenlet: Greenlet): void {
    if (greenlet.started) this.add(greenlet);
    else if (this.track(greenlet)) {
      if (this.length - this.#waiting.size <= this.#limit) greenlet.start();
      // It will be started by whoever makes room, and runs in the context of who asked for it all the same.
      else
        this.#waiting.set(
          greenlet,
          AsyncResource.bind(() => greenlet.start()),
        );
    }
  }

  /** Whether there is no place: another greenlet would have to wait. */
  override full(): boolean {
    return this.freeCount() <= 0;
  }

  /** How many more may run; without a limit it is 1, as in gevent. */
  freeCount(): number {
    return this.size === null ? 1 : Math.max(0, this.size - this.length);
  }

  /**
   * Waits until there is a place.
   * @param timeout seconds, or `{ timeout, signal }`; absent or `null`: for ever.
   * @returns how many there are; 0 when the time has passed.
   */
  override async waitAvailable(timeout?: number | null | WaitAsyncOptions): Promise<number> {
    const wait = asyncWaitOf(timeout, 'Pool.waitAvailable');
    beginWait(wait.signal);
    const enter = (got: () => void): (() => void) => {
      this.#whenFree.add(got);
      return () => this.#whenFree.delete(got);
    };
    if (this.full()) await waitFor<void>(wait, enter, () => {});
    return this.freeCount();
  }

  /** @internal */
  protected override removed(greenlet: Greenlet): void {
    super.removed(greenlet);
    this.#waiting.delete(greenlet);
    for (const [next, start] of this.#waiting) {
      if (this.length - this.#waiting.size >= this.#limit) break;
      this.#waiting.delete(next);
      start();
    }
    if (this.full()) return;
    for (const got of [...this.#whenFree]) got();
    this.#whenFree.clear();
  }
}
// The library has another class of this name.
Object.defineProperty(Pool, 'name', { value: 'Pool' });
refuseToSend(Pool, 'Pool');
