import { beginWait } from '../memory/flow.ts';
import { asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { describe } from '../sync/timeout.ts';
import { Greenlet } from './greenlet.ts';
import { Inbox } from './inbox.ts';

/** Options of {@link iwait}. */
export interface IwaitOptions extends WaitAsyncOptions {
  /** How many to wait for at most; absent or `null`: all. */
  count?: number | null;
}

/**
 * The greenlets, each as soon as it has ended, until all (or `count`) have or the time has passed: to be iterated with
 * `for await`. The time begins with the iteration.
 *
 * @param timeout seconds, or `{ timeout, count, signal }`; absent or `null`: for ever.
 * @throws TypeError they are no greenlets. @throws the signal's reason when it is aborted.
 *
 * gevent: https://www.gevent.org/api/gevent.html#gevent.iwait
 */
export function iwait<G extends Greenlet>(
  objects: Iterable<G>,
  timeout?: number | null | IwaitOptions,
  count?: number | null,
): AsyncIterableIterator<G> {
  const given = typeof timeout === 'object' && timeout !== null ? timeout : { timeout, count };
  return new WaitIterator(greenletsOf(objects, 'iwait'), given, 'iwait');
}

/** No generator: one of those would await what it yields, and give the result in place of the greenlet. */
export class WaitIterator<G extends Greenlet> implements AsyncIterableIterator<G> {
  readonly #greenlets: readonly G[];
  readonly #milliseconds: number;
  readonly #signal: AbortSignal | undefined;
  readonly #ended = new Inbox<{ greenlet: G }>();
  readonly #put = (greenlet: G): void => this.#ended.put({ greenlet }); // a promise cannot give a greenlet: it would await it
  #left: number;
  #deadline: number | null = null;

  constructor(greenlets: readonly G[], options: IwaitOptions, who: string) {
    const { count = null } = options;
    if (count !== null && (typeof count !== 'number' || Number.isNaN(count))) {
      throw new TypeError(`${who}: count must be a number, null or absent, not ${describe(count)}`);
    }
    const { milliseconds, signal } = asyncWaitOf({ timeout: options.timeout, signal: options.signal }, who);
    this.#greenlets = greenlets;
    this.#milliseconds = milliseconds;
    this.#signal = signal;
    this.#left = Math.min(count ?? Number.POSITIVE_INFINITY, greenlets.length);
  }

  async next(): Promise<IteratorResult<G, undefined>> {
    beginWait(this.#signal);
    if (this.#left <= 0) return this.return();
    this.#left--;
    try {
      this.#deadline ??= this.#begin();
      const wait = { milliseconds: this.#deadline - performance.now(), signal: this.#signal };
      const ended = await this.#ended.take(wait, () => null);
      if (ended !== null) return { value: ended.greenlet, done: false };
    } catch (error) {
      this.#end(); // `for await` does not say goodbye to who has thrown
      throw error;
    }
    return this.return();
  }

  /** Ends it: nothing of it is left at the greenlets. */
  async return(): Promise<IteratorResult<G, undefined>> {
    this.#end();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(): void {
    this.#left = 0;
    if (this.#deadline !== null) for (const greenlet of this.#greenlets) greenlet.unlink(this.#put);
  }

  #begin(): number {
    for (const greenlet of this.#greenlets) greenlet.rawlink(this.#put as (greenlet: Greenlet) => void);
    return performance.now() + this.#milliseconds;
  }
}

/** @throws TypeError they are not all greenlets */
export function greenletsOf<G extends Greenlet>(objects: Iterable<G>, who: string): G[] {
  if (typeof (objects as Iterable<G> | null)?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`${who}: needs an iterable of greenlets, not ${describe(objects)}`);
  }
  const greenlets = [...objects];
  for (const greenlet of greenlets) {
    if (!(greenlet instanceof Greenlet)) throw new TypeError(`${who}: needs greenlets, not ${describe(greenlet)}`);
  }
  return greenlets;
}
