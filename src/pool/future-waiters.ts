import { callReporting, callSoon } from './due-callbacks.ts';

/** Who waits for a future in this thread without blocking it. It is made when the first one comes. */
export class FutureWaiters {
  #callbacks: ((future: never) => unknown)[] | null = null;
  #listeners: (() => void)[] | null = null;
  #promise: Promise<unknown> | null = null;
  #resolve: ((value: unknown) => void) | null = null;
  #reject: ((error: unknown) => void) | null = null;
  /** What to call when nobody awaits it any more, since it is done. */
  unawaited: (() => void) | null = null;

  /** Has the user's `callback` called soon after the end. */
  addCallback(callback: (future: never) => unknown): void {
    if (this.#callbacks === null) this.#callbacks = [callback];
    else this.#callbacks.push(callback);
  }

  /** Has `listener` called at the end, in the middle of whatever goes on. */
  addListener(listener: () => void): void {
    if (this.#listeners === null) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }

  /** The promise of the outcome, if there is one. */
  get promise(): Promise<unknown> | null {
    return this.#promise;
  }

  makePromise(): Promise<unknown> {
    this.#promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    return this.#promise;
  }

  /** The future is done: tells all of them, once. */
  tell(future: object, failed: boolean, outcome: unknown): void {
    this.unawaited?.();
    this.unawaited = null;
    if (failed) this.#reject?.(outcome);
    else this.#resolve?.(outcome);
    this.#resolve = null;
    this.#reject = null;
    const listeners = this.#listeners;
    this.#listeners = null;
    if (listeners !== null) for (const listener of listeners) listener();
    const callbacks = this.#callbacks;
    this.#callbacks = null;
    if (callbacks !== null) {
      callSoon(() => {
        for (const callback of callbacks) callReporting(callback, future as never, 'a Future');
      });
    }
  }
}
