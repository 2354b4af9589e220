import { RuntimeError, TimeoutError, ValueError } from '../errors.ts';
import { beginWait } from '../memory/flow.ts';
import { onEndOfWait } from '../process/wait-end.ts';
import { asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { describe, toMilliseconds } from '../sync/timeout.ts';
import { collectUntil } from './collect.ts';
import { Future, STATE } from './future.ts';

/** `wait` returns when any future is done, or was cancelled. */
export const FIRST_COMPLETED = 'FIRST_COMPLETED';
/** `wait` returns when any future has thrown; when none does, like {@link ALL_COMPLETED}. */
export const FIRST_EXCEPTION = 'FIRST_EXCEPTION';
/** `wait` returns when all futures are done, or were cancelled. */
export const ALL_COMPLETED = 'ALL_COMPLETED';

/** When `wait` returns. */
export type ReturnWhen = typeof FIRST_COMPLETED | typeof FIRST_EXCEPTION | typeof ALL_COMPLETED;

/** Options of `wait`. */
export interface WaitOptions {
  /** Seconds; absent or `null`: for ever. */
  timeout?: number | null;
  /** Absent: `ALL_COMPLETED`. */
  returnWhen?: ReturnWhen;
}

/** Options of `waitAsync`. */
export interface WaitFuturesAsyncOptions extends WaitOptions, WaitAsyncOptions {}

/** What `wait` gives. */
export interface DoneAndNotDone<F> {
  done: Set<F>;
  notDone: Set<F>;
}

/**
 * Blocks this thread until the futures are done, or one of them; a cancelled one counts as done at once.
 * @param options `{ timeout, returnWhen }`; or the time-out in seconds, and `returnWhen` after it.
 * @throws ValueError `returnWhen` is none of the three.
 *
 * Python: https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.wait
 */
export function wait<F extends Future<unknown>>(
  futures: Iterable<F>,
  options?: number | null | WaitOptions,
  returnWhen?: ReturnWhen,
): DoneAndNotDone<F> {
  const waiting = new Waiting(futures, options, returnWhen, 'wait');
  if (!waiting.isOver) collectUntil(() => waiting.isOverOrCanBe(), waiting.milliseconds, 'wait');
  return waiting.result();
}

/** {@link wait} while the event loop goes on. @throws the signal's reason when it is aborted. */
export async function waitAsync<F extends Future<unknown>>(
  futures: Iterable<F>,
  options?: number | null | WaitFuturesAsyncOptions,
  returnWhen?: ReturnWhen,
): Promise<DoneAndNotDone<F>> {
  const { signal } = asyncWaitOf(options, 'waitAsync');
  beginWait(signal);
  const waiting = new Waiting(futures, options, returnWhen, 'waitAsync');
  await waiting.over(signal);
  return waiting.result();
}

/**
 * The futures in the order in which they are done: iterable, which blocks until the next one is, and async-iterable,
 * which does not. The iteration throws `TimeoutError` when not all are done in time.
 * @param timeout seconds from this call on; absent or `null`: for ever.
 *
 * Python: https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.as_completed
 */
export function asCompleted<F extends Future<unknown>>(
  futures: Iterable<F>,
  timeout?: number | null | { timeout?: number | null },
): IterableIterator<F> & AsyncIterable<F> {
  return new Completed(futures, typeof timeout === 'object' && timeout !== null ? timeout.timeout : timeout);
}

class Waiting<F extends Future<unknown>> {
  readonly milliseconds: number;
  readonly #all: Set<F>;
  readonly #when: ReturnWhen;
  readonly #open = new Set<F>();
  #failed = false;
  #notify: (() => void) | null = null;

  constructor(
    futures: Iterable<F>,
    options: number | null | undefined | WaitOptions,
    returnWhen: ReturnWhen | undefined,
    who: string,
  ) {
    const given = typeof options === 'object' && options !== null ? options : { timeout: options, returnWhen };
    this.milliseconds = toMilliseconds(given.timeout, who);
    this.#when = given.returnWhen ?? ALL_COMPLETED;
    if (![FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED].includes(this.#when)) {
      throw new ValueError(
        `${who}: returnWhen must be FIRST_COMPLETED, FIRST_EXCEPTION or ALL_COMPLETED, not ${describe(this.#when)}`,
      );
    }
    this.#all = setOf(futures, who);
    for (const future of this.#all) {
      if (future.done()) this.#count(future);
      else {
        this.#open.add(future);
        future[STATE].listen(() => {
          this.#open.delete(future);
          this.#count(future);
          if (this.isOver) this.#notify?.();
        });
      }
    }
  }

  get isOver(): boolean {
    if (this.#open.size === 0) return true;
    if (this.#when === FIRST_COMPLETED) return this.#open.size < this.#all.size;
    return this.#when === FIRST_EXCEPTION && this.#failed;
  }

  /** {@link isOver}, for a thread that blocks. @throws RuntimeError it would block for ever. */
  isOverOrCanBe(): boolean {
    if (this.isOver) return true;
    if (this.milliseconds === Number.POSITIVE_INFINITY) checkCanEnd(this.#open, 'wait', 'waitAsync()');
    return false;
  }

  over(signal: AbortSignal | undefined): Promise<void> {
    if (this.isOver || this.milliseconds <= 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const clear = onEndOfWait({ milliseconds: this.milliseconds, signal }, (reason) => {
        this.#notify = null;
        if (reason === undefined) resolve();
        else reject(reason);
      });
      this.#notify = () => {
        this.#notify = null;
        clear();
        resolve();
      };
    });
  }

  result(): DoneAndNotDone<F> {
    const done = new Set<F>();
    const notDone = new Set<F>();
    for (const future of this.#all) (this.#open.has(future) ? notDone : done).add(future);
    return { done, notDone };
  }

  #count(future: F): void {
    if (!future.cancelled() && future.exception(0) !== null) this.#failed = true;
  }
}

class Completed<F extends Future<unknown>> implements IterableIterator<F>, AsyncIterable<F> {
  readonly #total: number;
  readonly #deadline: number;
  readonly #timeout: number | null | undefined;
  readonly #open = new Set<F>();
  readonly #done: F[] = [];
  #notify: (() => void) | null = null;

  constructor(futures: Iterable<F>, timeout: number | null | undefined) {
    this.#timeout = timeout;
    this.#deadline = performance.now() + toMilliseconds(timeout, 'asCompleted');
    const all = setOf(futures, 'asCompleted');
    this.#total = all.size;
    for (const future of all) {
      if (future.done()) this.#done.push(future);
      else {
        this.#open.add(future);
        future[STATE].listen(() => {
          this.#open.delete(future);
          this.#done.push(future);
          this.#notify?.();
        });
      }
    }
  }

  /** The next future that is done; blocks this thread until one is. @throws TimeoutError */
  next(): IteratorResult<F, undefined> {
    if (this.#done.length === 0 && this.#open.size > 0) {
      const isAny = (): boolean => {
        if (this.#done.length > 0) return true;
        if (this.#deadline === Number.POSITIVE_INFINITY) checkCanEnd(this.#open, 'asCompleted', '`for await`');
        return false;
      };
      collectUntil(isAny, this.#left(), 'asCompleted');
      if (this.#done.length === 0) throw this.#late();
    }
    const value = this.#done.shift();
    return value === undefined ? { value: undefined, done: true } : { value, done: false };
  }

  [Symbol.iterator](): this {
    return this;
  }

  [Symbol.asyncIterator](): AsyncIterator<F, undefined> {
    // No generator: one of those would await what it yields, and give the result in place of the future.
    return {
      next: async () => {
        if (this.#done.length === 0 && this.#open.size > 0) await this.#any();
        const value = this.#done.shift();
        if (value !== undefined) return { value, done: false };
        if (this.#open.size > 0) throw this.#late();
        return { value: undefined, done: true };
      },
    };
  }

  #any(): Promise<void> {
    return new Promise((resolve, reject) => {
      beginWait(undefined);
      const clear = onEndOfWait({ milliseconds: this.#left() }, (reason) => {
        this.#notify = null;
        if (reason === undefined) resolve();
        else reject(reason);
      });
      this.#notify = () => {
        this.#notify = null;
        clear();
        resolve();
      };
    });
  }

  #left(): number {
    return Math.max(this.#deadline - performance.now(), 0);
  }

  #late(): TimeoutError {
    return new TimeoutError(
      `asCompleted: ${this.#open.size} (of ${this.#total}) futures unfinished after ${this.#timeout} seconds`,
    );
  }
}

/** @throws RuntimeError none of the futures can be done while this thread blocks. */
function checkCanEnd(open: Set<Future<unknown>>, who: string, instead: string): void {
  for (const future of open) if (!future[STATE].needsLoop) return;
  throw new RuntimeError(
    `${who}: the results of a PiscinaExecutor come through this thread's event loop, which cannot turn while the ` +
      `thread blocks; use ${instead}`,
  );
}

function setOf<F extends Future<unknown>>(futures: Iterable<F>, who: string): Set<F> {
  if (typeof (futures as Iterable<F> | null)?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`${who}: needs an iterable of futures, not ${describe(futures)}`);
  }
  const all = new Set(futures);
  for (const future of all) {
    if (!(future instanceof Future)) throw new TypeError(`${who}: needs futures, not ${describe(future)}`);
  }
  return all;
}
