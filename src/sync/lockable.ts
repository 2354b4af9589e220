import { ValueError } from '../errors.ts';
import { SharedObject } from '../memory/handle.ts';
import { describe, toMilliseconds } from './timeout.ts';

/** Options of a blocking `acquire`. */
export interface AcquireOptions {
  /** False: do not wait (default true). */
  blocking?: boolean;
  /** Seconds; absent, `null` or -1: for ever. */
  timeout?: number | null;
}

/** Options of an `acquireAsync`. */
export interface AcquireAsyncOptions extends AcquireOptions {
  /** Ends the wait; the promise rejects with its reason. */
  signal?: AbortSignal;
}

/** A lock that is held until it is disposed: `using _ = lock.hold()`. It releases once. */
export class Guard implements Disposable, AsyncDisposable {
  #release: (() => void) | undefined;

  /** @internal */
  constructor(release: () => void) {
    this.#release = release;
  }

  /** Releases the lock; does nothing the second time. */
  release(): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }

  [Symbol.dispose](): void {
    this.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
  }
}

/** What `with lock:` needs: everything that can be acquired and released. */
export abstract class Lockable extends SharedObject {
  abstract acquire(blocking?: boolean | AcquireOptions, timeout?: number | null): boolean;
  abstract acquireAsync(blocking?: boolean | AcquireAsyncOptions, timeout?: number | null): Promise<boolean>;
  abstract release(): void;

  /** Acquires, blocking this thread; the guard releases: `using _ = lock.hold()`. */
  hold(): Guard {
    this.acquire();
    return new Guard(() => this.release());
  }

  /** Acquires without blocking this thread; the guard releases: `using _ = await lock.holdAsync()`. */
  async holdAsync(options: { signal?: AbortSignal } = {}): Promise<Guard> {
    await this.acquireAsync(options);
    return new Guard(() => this.release());
  }

  /**
   * Runs `fn` with the lock held, blocking this thread until it is: Python's `with lock:`.
   * @throws TypeError if `fn` returns a promise, since the lock would be released before it settles.
   */
  with<R>(fn: () => R): R {
    return runHeld(this, fn, `${this.constructor.name}.with()`);
  }

  /** Runs `fn` with the lock held until its promise settles, without blocking this thread: `async with lock:`. */
  async withAsync<R>(fn: () => R | PromiseLike<R>, options: { signal?: AbortSignal } = {}): Promise<R> {
    await this.acquireAsync(options);
    try {
      return await fn();
    } finally {
      this.release();
    }
  }
}

/** Runs `fn` with a lock held. @throws TypeError `fn` returns a promise */
export function runHeld<R>(lock: { acquire(): boolean; release(): void }, fn: () => R, who: string): R {
  lock.acquire();
  let result: R;
  try {
    result = fn();
  } finally {
    lock.release();
  }
  if (typeof (result as PromiseLike<unknown> | undefined)?.then === 'function') {
    throw new TypeError(`${who}: the function returned a promise, and the lock is released already; use withAsync()`);
  }
  return result;
}

/**
 * The milliseconds that `acquire(blocking, timeout)` or `acquire({ blocking, timeout })` asks for: 0 for a single try,
 * `Infinity` for ever. The rules are those of `threading.Lock`: -1 is for ever, other negative time-outs and a
 * time-out without blocking are errors.
 */
export function acquireMilliseconds(
  blocking: boolean | AcquireOptions,
  timeout: number | null | undefined,
  who: string,
): number {
  if (typeof blocking === 'object' && blocking !== null) {
    timeout = blocking.timeout;
    blocking = blocking.blocking ?? true;
  }
  if (typeof blocking !== 'boolean') {
    throw new TypeError(`${who}: blocking must be a boolean or an options object, not ${describe(blocking)}`);
  }
  const forEver = timeout === undefined || timeout === null || timeout === -1;
  if (!blocking) {
    if (!forEver) {
      throw new ValueError(`${who}: a time-out (${timeout}) makes no sense without blocking; leave one of them out`);
    }
    return 0;
  }
  if (forEver) return Number.POSITIVE_INFINITY;
  const milliseconds = toMilliseconds(timeout, who);
  if (milliseconds < 0) {
    throw new ValueError(`${who}: timeout must be -1 (for ever) or a non-negative number of seconds, not ${timeout}`);
  }
  return milliseconds;
}

/** The same for the async form, with its signal. */
export function acquireAsyncWait(
  blocking: boolean | AcquireAsyncOptions,
  timeout: number | null | undefined,
  who: string,
): { milliseconds: number; signal?: AbortSignal } {
  return { milliseconds: acquireMilliseconds(blocking, timeout, who), signal: checkSignal(blocking, who) };
}

/** The signal among the options, if there is one. */
export function checkSignal(options: unknown, who: string): AbortSignal | undefined {
  if (typeof options !== 'object' || options === null) return undefined;
  const { signal } = options as { signal?: unknown };
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw new TypeError(`${who}: signal must be an AbortSignal, not ${describe(signal)}`);
}
