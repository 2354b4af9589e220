/**
 * The run of a greenlet, in a flow of its own: from the start to the outcome, and who waits for that.
 *
 *     new → started → running → ended        new, started → ended: killed before it has begun
 */

import { GreenletExit, RuntimeError } from '../errors.ts';
import { beginWait, currentFlow, Flow, newFlowNumber, runInFlow } from '../memory/flow.ts';
import type { AsyncWaitSettings } from '../sync/async-wait.ts';
import { errorOf, type Raisable } from './raisable.ts';
import { isOrBrings } from './timeout.ts';
import { after, waitFor } from './waiting.ts';

const NEW = 0;
const STARTED = 1;
const RUNNING = 2;
const ENDED = 3;

/** What greenlets do in their runs. */
export interface Steps<G extends object> {
  /** Calls its function. */
  run(greenlet: G): unknown;
  /** Is called once, with the outcome, which it has to {@link GreenletRun.settle | settle}. */
  ended(greenlet: G, failed: boolean, outcome: unknown): void;
}

export class GreenletRun<T, G extends object> {
  readonly flow: Flow;
  readonly #greenlet: G;
  readonly #steps: Steps<G>;
  #state = NEW;
  /** Takes the start back, while it waits for its time. */
  #stopTimer: (() => void) | null = null;
  #killedBy: Error | null = null;
  #failed = false;
  #outcome: unknown = null;
  #waiters: Set<() => void> | null = null;
  #promise: Promise<T> | null = null;

  constructor(greenlet: G, steps: Steps<G>) {
    this.flow = new Flow(newFlowNumber(), greenlet);
    this.#greenlet = greenlet;
    this.#steps = steps;
  }

  /** Whether it was started and has not ended. */
  get isUnderWay(): boolean {
    return this.#state === STARTED || this.#state === RUNNING;
  }

  /** Whether it has ended. */
  get isOver(): boolean {
    return this.#state === ENDED;
  }

  /** Whether it has ended with an error; a `GreenletExit` that was raised in it is none. */
  get failed(): boolean {
    return this.#failed;
  }

  /** What the function has given, or thrown; or the `GreenletExit` that has ended it. `null` before. */
  get outcome(): unknown {
    return this.#outcome;
  }

  /** Has it run when the code that runs now comes to its next `await`. Does nothing if it was started, or killed. */
  start(): void {
    if (this.#state !== NEW) return;
    this.#state = STARTED;
    void soon.then(() => this.#begin());
  }

  /** The same, when so many milliseconds have passed. */
  startLater(milliseconds: number): void {
    if (this.#state !== NEW) return;
    this.#state = STARTED;
    this.#stopTimer = after(milliseconds, () => this.#begin());
  }

  /** Raises `exception` in it, unless an earlier one has not been seen yet. One that has not begun ends at once. */
  kill(exception: Raisable): void {
    if (this.#state === ENDED || (this.#killedBy !== null && this.flow.isUnseen(this.#killedBy))) return;
    const error = errorOf(exception);
    if (this.#state !== RUNNING) {
      this.#stopTimer?.();
      this.#ended(!(error instanceof GreenletExit), error);
      return;
    }
    this.#killedBy = error;
    this.flow.raise(error);
  }

  #begin(): void {
    if (this.#state !== STARTED) return;
    this.#state = RUNNING;
    try {
      const result = runInFlow(this.flow, () => {
        const returned = this.#steps.run(this.#greenlet);
        // What is awaited of it is awaited in the greenlet.
        return isThenable(returned) ? Promise.resolve(returned) : returned;
      });
      if (!(result instanceof Promise)) this.#ended(false, result);
      else {
        result.then(
          (value) => this.#ended(false, value),
          (error) => this.#endedWith(error),
        );
      }
    } catch (error) {
      this.#endedWith(error);
    }
  }

  #ended(failed: boolean, outcome: unknown): void {
    this.#steps.ended(this.#greenlet, failed, outcome);
  }

  #endedWith(error: unknown): void {
    if (this.#killedBy instanceof GreenletExit && isOrBrings(error, this.#killedBy)) this.#ended(false, this.#killedBy);
    else this.#ended(!(error instanceof GreenletExit), error);
  }

  /** That is its outcome: it has ended, and who waits is told. */
  settle(failed: boolean, outcome: unknown): void {
    this.#state = ENDED;
    this.#failed = failed;
    this.#outcome = outcome;
    this.flow.end();
    const waiters = this.#waiters;
    this.#waiters = null;
    if (waiters !== null) for (const waiter of waiters) waiter();
  }

  /** What each wait for the end begins with. @throws RuntimeError the greenlet waits for itself */
  beginWaitForEnd(who: string, signal?: AbortSignal): void {
    beginWait(signal);
    if (this.#state === ENDED || currentFlow()?.owner !== this.#greenlet) return;
    throw new RuntimeError(`${who}: a greenlet cannot wait for its own end, which would never come`);
  }

  /** Waits until it has ended, or the time has passed. */
  end(wait: AsyncWaitSettings): Promise<void> {
    const enter = (got: () => void): (() => void) => this.#whenEnded(got, got);
    return waitFor<void>(wait, enter, nothing);
  }

  /** The outcome, however long that takes. */
  get promise(): Promise<T> {
    if (currentFlow() !== null) return this.result(FOR_EVER, never);
    // In plain code nothing can end the wait: all may await the same promise.
    this.#promise ??= new Promise((resolve, reject) => this.#whenEnded(resolve, reject));
    return this.#promise;
  }

  /** Waits for the outcome; calls `late` when the time has passed. */
  result(wait: AsyncWaitSettings, late: () => never): Promise<T> {
    try {
      this.beginWaitForEnd('Greenlet.get', wait.signal);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#state !== ENDED) return waitFor<T>(wait, (got, failed) => this.#whenEnded(got, failed), late);
    return this.#failed ? Promise.reject(this.#outcome) : Promise.resolve(this.#outcome as T);
  }

  /** Calls one of them when it has ended, at once if it has. @returns what takes that back */
  #whenEnded(got: (value: T) => void, failed: (error: unknown) => void): () => void {
    const tell = (): void => (this.#failed ? failed(this.#outcome) : got(this.#outcome as T));
    if (this.#state === ENDED) tell();
    else {
      this.#waiters ??= new Set();
      this.#waiters.add(tell);
    }
    return () => this.#waiters?.delete(tell);
  }
}

const soon = Promise.resolve();
const FOR_EVER: AsyncWaitSettings = { milliseconds: Number.POSITIVE_INFINITY };

function nothing(): void {}

function never(): never {
  throw new Error('a wait without a time-out has timed out');
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
