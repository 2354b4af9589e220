import { MultiprocessingTimeoutError, TimeoutError, ValueError } from '../errors.ts';
import { toMilliseconds } from '../sync/timeout.ts';
import { collectNow, collectUntil } from './collect.ts';
import { callReporting, callSoon } from './due-callbacks.ts';
import { Future, STATE } from './future.ts';
import type { FutureSource } from './future-source.ts';
import { THROWN, VALUE } from './mail.ts';

/** What is called when a result of a pool is there. */
export interface ResultCallbacks<T> {
  /** Is called with the result. */
  callback?: ((result: T) => unknown) | null;
  /** Is called with what was thrown. */
  errorCallback?: ((error: unknown) => unknown) | null;
}

/**
 * The result of `applyAsync`, `mapAsync` and `starmapAsync`. It can be awaited, and {@link get} blocks any thread.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.AsyncResult
 */
export class AsyncResult<T = unknown> implements PromiseLike<T> {
  readonly #future = new Future<T>();
  readonly #callbacks: ResultCallbacks<T> | null;
  #state: 'pending' | 'done' | 'failed' = 'pending';

  /** @internal */
  constructor(callbacks: ResultCallbacks<T> | null) {
    this.#callbacks = callbacks;
  }

  /**
   * The result; blocks this thread until it is there.
   * @param timeout seconds to wait at most; absent or `null`: for ever.
   * @throws TimeoutError of `multiprocessing`: it was not there in time. Else what the function has thrown.
   */
  get(timeout?: number | null | { timeout?: number | null }): T {
    try {
      return this.#future.result(timeout);
    } catch (error) {
      if (this.#state !== 'pending' || !(error instanceof TimeoutError)) throw error;
      const seconds = typeof timeout === 'object' ? timeout?.timeout : timeout;
      throw new MultiprocessingTimeoutError(`AsyncResult.get: no result within ${seconds} seconds; the work goes on`);
    }
  }

  /** Blocks this thread until the result is there, or the time (in seconds) has passed. */
  wait(timeout?: number | null | { timeout?: number | null }): void {
    const seconds = typeof timeout === 'object' ? timeout?.timeout : timeout;
    collectUntil(() => this.#state !== 'pending', toMilliseconds(seconds, 'AsyncResult.wait'), 'AsyncResult.wait');
  }

  /** Whether the result is there. */
  ready(): boolean {
    collectNow();
    return this.#state !== 'pending';
  }

  /** Whether the call has ended without throwing. @throws ValueError it has not ended. */
  successful(): boolean {
    if (!this.ready()) throw new ValueError('AsyncResult.successful: the result is not ready; wait() for it first');
    return this.#state === 'done';
  }

  /** Waits while the event loop goes on: `await result`. */
  // biome-ignore lint/suspicious/noThenProperty: a result is a promise
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#future.then(onFulfilled, onRejected);
  }

  /** As that of a promise. */
  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(null, onRejected);
  }

  /** As that of a promise. */
  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.then().finally(onFinally);
  }

  /** @internal What it waits for, and where it was submitted. */
  follow(source: FutureSource, task: number, site: { stack?: string } | null): void {
    this.#future[STATE].follow(source, task, site);
  }

  /** @internal The result is there. The callbacks come first, as in Python. */
  settle(failed: boolean, value: unknown): void {
    if (this.#state !== 'pending') return;
    this.#state = failed ? 'failed' : 'done';
    const callback = failed ? this.#callbacks?.errorCallback : this.#callbacks?.callback;
    if (callback) callSoon(() => callReporting(callback as (value: unknown) => unknown, value, 'an AsyncResult'));
    this.#future[STATE].ended(failed ? THROWN : VALUE, value);
  }
}
