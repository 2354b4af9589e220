/** A result that will be there later: CPython's `concurrent.futures.Future`, which is a promise too. */

import { interruptible } from '../memory/flow.ts';
import { describe } from '../sync/timeout.ts';
import { callReporting } from './due-callbacks.ts';
import { CANCELLED, FutureState, RUNNING } from './future-state.ts';

/** What other files of this folder do with a future, they do with its state. */
export const STATE: unique symbol = Symbol('state');

/**
 * The result of a task that was submitted to an executor. It can be awaited, and {@link result} blocks any thread.
 *
 * A future may be sent to other threads (one of a `ProcessPoolExecutor` to other processes too), and each may wait.
 *
 * Python: https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Future
 */
export class Future<T = unknown> implements PromiseLike<T> {
  readonly #state = new FutureState(this);

  /** @internal */
  get [STATE](): FutureState {
    return this.#state;
  }

  /**
   * The task's result; blocks this thread until it is there.
   * @param timeout seconds to wait at most; absent or `null`: for ever.
   * @throws TimeoutError it was not there in time. @throws CancelledError it was cancelled. Else what the task has thrown.
   */
  result(timeout?: number | null | { timeout?: number | null }): T {
    const failed = this.#state.awaitEnd(timeout, 'Future.result');
    if (failed) throw this.#state.value;
    return this.#state.value as T;
  }

  /**
   * What the task has thrown, `null` if it has not; blocks this thread until it has ended.
   * @throws TimeoutError it did not end in time. @throws CancelledError it was cancelled.
   */
  exception(timeout?: number | null | { timeout?: number | null }): unknown {
    const failed = this.#state.awaitEnd(timeout, 'Future.exception');
    return failed ? this.#state.value : null;
  }

  /** Cancels the task. @returns false if it runs or has ended: it then goes on. */
  cancel(): boolean {
    return this.#state.cancel();
  }

  /** Whether it was cancelled. */
  cancelled(): boolean {
    return this.#state.refresh() === CANCELLED;
  }

  /** Whether the task is being run just now. */
  running(): boolean {
    return this.#state.refresh() === RUNNING;
  }

  /** Whether it has ended, or was cancelled. */
  done(): boolean {
    return this.#state.refresh() >= CANCELLED;
  }

  /**
   * Has `fn` called with this future when it has ended or was cancelled, in the thread that calls this: when its event
   * loop turns, or in a blocking call that waits for results; at once if it is done. One that throws is reported to
   * the standard error output and harms nothing.
   */
  addDoneCallback(fn: (future: Future<T>) => unknown): void {
    if (typeof fn !== 'function') throw new TypeError(`Future.addDoneCallback: needs a function, not ${describe(fn)}`);
    if (this.done()) callReporting(fn, this, 'a Future');
    else this.#state.addCallback(fn);
  }

  /** Waits while the event loop goes on: `await future`. Rejects with what the task has thrown. */
  // biome-ignore lint/suspicious/noThenProperty: a future is a promise
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return interruptible(this.#state.promise() as Promise<T>).then(onFulfilled, onRejected);
  }

  /** As that of a promise. */
  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(null, onRejected);
  }

  /** As that of a promise. */
  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.then().finally(onFinally);
  }

  /** For who makes futures: sets the result. @throws InvalidStateError it has one, or was cancelled. */
  setResult(value: T): void {
    this.#state.set(value, false, 'Future.setResult');
  }

  /** For who makes futures: sets what `result` throws. @throws InvalidStateError it has an outcome, or was cancelled. */
  setException(error: unknown): void {
    this.#state.set(error, true, 'Future.setException');
  }

  /**
   * For who makes futures: it runs from now on, and cannot be cancelled any more. @returns false if it was cancelled.
   * @throws RuntimeError it runs already, or has ended.
   */
  setRunningOrNotifyCancel(): boolean {
    return this.#state.run('Future.setRunningOrNotifyCancel');
  }
}
