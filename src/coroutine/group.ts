import { PicklingError } from '../errors.ts';
import { beginWait } from '../memory/flow.ts';
import { registerReducer } from '../pickle/reducer.ts';
import { asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { describe } from '../sync/timeout.ts';
import { Greenlet } from './greenlet.ts';
import { GreenletMap } from './imap.ts';
import { type IMapOptions, splitMapArguments } from './imap-options.ts';
import { greenletsOf } from './iwait.ts';
import { joinall } from './joinall.ts';
import { type KillOptions, killOptions } from './kill-options.ts';
import type { Raisable } from './raisable.ts';
import { getcurrent } from './spawn.ts';
import { waitFor } from './waiting.ts';
import type { AnyIterable, Item } from './zip.ts';

/** A class of greenlets. */
export type GreenletClass = new (run?: ((...args: never) => unknown) | null, ...args: never) => Greenlet;

/** Options of `join` of groups and pools. */
export interface GroupJoinOptions extends WaitAsyncOptions {
  /** True: throw the error of one that has failed meanwhile (default false). */
  raiseError?: boolean;
}

/**
 * Greenlets that belong together, however many. One that ends leaves the group.
 *
 * gevent: https://www.gevent.org/api/gevent.pool.html#gevent.pool.Group
 */
export class Group implements Iterable<Greenlet> {
  /** What {@link spawn} makes; a subclass of `Greenlet`. */
  greenletClass: GreenletClass = Greenlet as GreenletClass;
  readonly #greenlets = new Set<Greenlet>();
  /** Those that were killed by the group: no kill comes twice. */
  readonly #dying = new WeakSet<Greenlet>();
  readonly #whenEmpty = new Set<() => void>();
  readonly #leave = (greenlet: Greenlet): void => this.removed(greenlet);

  /** @throws TypeError they are no greenlets */
  constructor(greenlets: Iterable<Greenlet> = []) {
    for (const greenlet of greenletsOf(greenlets, this.constructor.name)) this.track(greenlet);
  }

  /** How many are in it. */
  get length(): number {
    return this.#greenlets.size;
  }

  /** Whether the greenlet is in it: Python's `in`. */
  has(greenlet: Greenlet): boolean {
    return this.#greenlets.has(greenlet);
  }

  /** Those that are in it just now. */
  [Symbol.iterator](): IterableIterator<Greenlet> {
    return [...this.#greenlets].values();
  }

  /** Takes a greenlet in; one that has ended is left out. @throws TypeError it is none */
  add(greenlet: Greenlet): void {
    this.track(greenlet);
  }

  /** Lets a greenlet go, which runs on. */
  discard(greenlet: Greenlet): void {
    if (!this.#greenlets.has(greenlet)) return;
    greenlet.unlink(this.#leave);
    this.removed(greenlet);
  }

  /** Takes a greenlet in and starts it. */
  start(greenlet: Greenlet): void {
    this.add(greenlet);
    greenlet.start();
  }

  /** Runs `fn(...args)` in a new greenlet of the group. */
  spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Greenlet<Awaited<R>, A> {
    if (typeof fn !== 'function') {
      throw new TypeError(`${this.constructor.name}.spawn: needs a function to run, not ${describe(fn)}`);
    }
    const greenlet = new this.greenletClass(fn as never, ...(args as never)) as Greenlet<Awaited<R>, A>;
    this.start(greenlet as Greenlet);
    return greenlet;
  }

  /**
   * Waits until the group is empty; once is enough.
   * @param timeout seconds, or `{ timeout, raiseError, signal }`; absent or `null`: for ever.
   * @returns whether it became empty in time.
   * @throws the error of a greenlet that was in it when this was called and has failed, if `raiseError`.
   */
  async join(timeout?: number | null | GroupJoinOptions, raiseError = false): Promise<boolean> {
    const wait = asyncWaitOf(timeout, `${this.constructor.name}.join`);
    const raises = typeof timeout === 'object' && timeout !== null ? timeout.raiseError : raiseError;
    const watched = raises ? [...this.#greenlets] : [];
    beginWait(wait.signal);
    const enter = (got: (empty: boolean) => void): (() => void) => {
      const tell = (): void => got(true);
      this.#whenEmpty.add(tell);
      return () => this.#whenEmpty.delete(tell);
    };
    const empty = this.#greenlets.size === 0 || (await waitFor(wait, enter, () => false));
    const failed = watched.find((greenlet) => greenlet.ready() && !greenlet.successful());
    if (failed !== undefined) throw failed.exception;
    return empty;
  }

  /**
   * Kills all that are in it, and those that come while it waits for their end. When the time has passed it returns too.
   * @param exception what to raise; absent: a `GreenletExit`. Or `{ exception, block, timeout }`.
   * @param block false: do not wait. @param timeout seconds; absent or `null`: for ever.
   */
  async kill(exception?: Raisable | KillOptions, block?: boolean, timeout?: number | null): Promise<void> {
    const options = killOptions(exception, block, timeout, `${this.constructor.name}.kill`);
    const end = performance.now() + (options.timeout ?? Number.POSITIVE_INFINITY) * 1000;
    while (this.#greenlets.size > 0) {
      for (const greenlet of [...this.#greenlets]) this.#killOnce(greenlet, options.exception);
      const left = (end - performance.now()) / 1000;
      if (!options.block || left <= 0) return;
      await joinall(this.#greenlets, left);
    }
  }

  /** Kills a greenlet if it is in the group, and waits for its end. Arguments as those of {@link kill}. */
  async killone(
    greenlet: Greenlet,
    exception?: Raisable | KillOptions,
    block?: boolean,
    timeout?: number | null,
  ): Promise<void> {
    const options = killOptions(exception, block, timeout, `${this.constructor.name}.killone`);
    if (!this.#greenlets.has(greenlet) || !this.#killOnce(greenlet, options.exception)) return;
    if (options.block) await greenlet.join(options.timeout);
  }

  /** Whether it has no room for another one: a group always has. */
  full(): boolean {
    return false;
  }

  /** Waits until there is room for another one: in a group there always is. @returns for how many, roughly. */
  async waitAvailable(timeout?: number | null | WaitAsyncOptions): Promise<number> {
    beginWait(asyncWaitOf(timeout, `${this.constructor.name}.waitAvailable`).signal);
    return 1;
  }

  /**
   * Runs `fn(...args)` in a greenlet of the group and gives its result. In one of its own greenlets it calls `fn`
   * right there: there may be no room until that greenlet has ended.
   * @param kwds the last argument, an object.
   */
  async apply<A extends unknown[], R>(
    fn: (...args: A) => R,
    args?: A | null,
    kwds?: object | null,
  ): Promise<Awaited<R>> {
    const all = argumentsOf(args, kwds);
    const current = getcurrent();
    if (current !== null && this.has(current)) return await fn(...(all as A));
    return this.spawn(fn, ...(all as A)).get();
  }

  /** The same, without waiting: gives the greenlet. `callback` is called with the result when it is there. */
  applyAsync<A extends unknown[], R>(
    fn: (...args: A) => R,
    args?: A | null,
    kwds?: object | null,
    callback?: ((value: Awaited<R>) => unknown) | null,
  ): Greenlet<Awaited<R>, A> {
    const greenlet = this.spawn(fn, ...(argumentsOf(args, kwds) as A));
    if (callback) greenlet.linkValue((ended) => callback(ended.value as Awaited<R>));
    return greenlet;
  }

  /**
   * `fn` of each item, each in a greenlet of the group; gives the results in order, or throws the first error in that
   * order. The iterable is read as there is room; it may be an async one.
   */
  async map<T, R>(fn: (item: T) => R, iterable: Iterable<T> | AsyncIterable<T>): Promise<Awaited<R>[]> {
    const results: Awaited<R>[] = [];
    for await (const result of this.imap(fn, iterable)) results.push(result);
    return results;
  }

  /** The same, without waiting: gives the greenlet that does it. `callback` is called with the list when it is there. */
  mapAsync<T, R>(
    fn: (item: T) => R,
    iterable: Iterable<T> | AsyncIterable<T>,
    callback?: ((values: Awaited<R>[]) => unknown) | null,
  ): Greenlet<Awaited<R>[]> {
    const greenlet = new Greenlet(() => this.map(fn, iterable));
    if (callback) greenlet.linkValue((ended) => callback(ended.value as Awaited<R>[]));
    greenlet.start();
    return greenlet as Greenlet<Awaited<R>[]>;
  }

  /**
   * The results of `fn(a, b, …)` for the items of the iterables, in order, as they are there: to be iterated with
   * `for await`. An error is thrown in its place, and the iteration may go on after it. The iterables are read as there
   * is room, whether or not anybody takes the results; with `{ maxsize }` no more than so many are under way or wait to be
   * taken. Who stops early stops the reading; what runs then runs on.
   */
  imap<I extends readonly AnyIterable[], R>(
    fn: (...items: { [K in keyof I]: Item<I[K]> }) => R,
    ...iterablesAndOptions: [...iterables: I] | [...iterables: I, options: IMapOptions]
  ): GreenletMap<Awaited<R>> {
    const { iterables, maxsize } = splitMapArguments(fn, iterablesAndOptions, `${this.constructor.name}.imap`);
    return new GreenletMap(this, fn as (...items: unknown[]) => unknown, iterables, maxsize, true);
  }

  /** {@link imap}, each result as soon as it is there. */
  imapUnordered<I extends readonly AnyIterable[], R>(
    fn: (...items: { [K in keyof I]: Item<I[K]> }) => R,
    ...iterablesAndOptions: [...iterables: I] | [...iterables: I, options: IMapOptions]
  ): GreenletMap<Awaited<R>> {
    const { iterables, maxsize } = splitMapArguments(fn, iterablesAndOptions, `${this.constructor.name}.imapUnordered`);
    return new GreenletMap(this, fn as (...items: unknown[]) => unknown, iterables, maxsize, false);
  }

  /** @internal Counts it in; false if it has ended. */
  protected track(greenlet: Greenlet): boolean {
    if (!(greenlet instanceof Greenlet)) {
      throw new TypeError(`${this.constructor.name}: needs a greenlet, not ${describe(greenlet)}`);
    }
    if (greenlet.ready()) return false;
    if (!this.#greenlets.has(greenlet)) {
      this.#greenlets.add(greenlet);
      greenlet.rawlink(this.#leave);
    }
    return true;
  }

  /** @internal It has ended, or was discarded. */
  protected removed(greenlet: Greenlet): void {
    this.#greenlets.delete(greenlet);
    if (this.#greenlets.size > 0) return;
    for (const tell of [...this.#whenEmpty]) tell();
    this.#whenEmpty.clear();
  }

  #killOnce(greenlet: Greenlet, exception: Raisable): boolean {
    if (this.#dying.has(greenlet)) return false;
    this.#dying.add(greenlet);
    void greenlet.kill(exception, false);
    return true;
  }
}

function argumentsOf(args: readonly unknown[] | null | undefined, kwds: object | null | undefined): unknown[] {
  return [...(args ?? []), ...(kwds ? [kwds] : [])];
}

/** Neither groups nor pools are sent anywhere. */
export function refuseToSend(cls: new () => Group, name: string): void {
  registerReducer(cls, {
    tag: `coroutine.${name}`,
    dump(_, context): never {
      throw new PicklingError(
        `${context.path()}: a ${name} of greenlets cannot be sent: they run on the event loop of the thread that made ` +
          'them; threadwork/futures and threadwork/multiprocessing have pools of threads and processes',
      );
    },
    load(): never {
      throw new PicklingError(`a ${name} of greenlets cannot be received`);
    },
  });
}
refuseToSend(Group, 'Group');
