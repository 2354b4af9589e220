/** What `Pool` (of processes) and `ThreadPool` have in common: CPython's `multiprocessing.pool`. */

import { PicklingError } from '../errors.ts';
import type { ModuleTarget } from '../pickle/module-target.ts';
import { describe } from '../sync/timeout.ts';
import { checkArguments, checkKwargs, type Target } from '../thread/target.ts';
import { AsyncResult, type ResultCallbacks } from './async-result.ts';
import { defaultChunksize, inChunks, listOf } from './chunks.ts';
import type { CrewClient } from './client.ts';
import type { ResultOf } from './executor.ts';
import { IMapIterator } from './imap-iterator.ts';
import {
  callbacksOf,
  chunksizeCallbacks,
  mapOptions,
  type PoolMapAsyncOptions,
  type PoolMapOptions,
} from './map-options.ts';
import { MapResult } from './map-result.ts';
import { PoolWork } from './pool-work.ts';
import { progressReporter } from './progress.ts';
import { CLIENT, rememberClient } from './shared-client.ts';
import { submissionSite } from './submission-site.ts';
import { CALL, EACH, EACH_SPREAD, type Mode } from './task-message.ts';

export abstract class WorkerPool {
  readonly #client: CrewClient;
  readonly #work: PoolWork;

  /** @internal */
  protected constructor(client: CrewClient) {
    this.#client = client;
    this.#work = new PoolWork(client);
    rememberClient(this);
  }

  /** @internal */
  get [CLIENT](): CrewClient {
    return this.#client;
  }

  /**
   * Calls `func(...args)` in a worker and blocks this thread until the result is there.
   * @param kwds the function's last argument, an object.
   * @throws ValueError the pool is not running. Else what the function has thrown.
   */
  apply<F extends Target>(func: F | ModuleTarget, args?: readonly unknown[] | null, kwds?: object | null): ResultOf<F> {
    return this.#apply(func, args, kwds, null, this.apply as never).get() as ResultOf<F>;
  }

  /**
   * Calls `func(...args)` in a worker. Returns at once.
   * @param callback is called with the result, in this thread. @param errorCallback with what was thrown.
   */
  applyAsync<F extends Target>(
    func: F | ModuleTarget,
    args?: readonly unknown[] | null,
    kwds?: object | null,
    callback?: ((result: ResultOf<F>) => unknown) | null | ResultCallbacks<ResultOf<F>>,
    errorCallback?: ((error: unknown) => unknown) | null,
  ): AsyncResult<ResultOf<F>> {
    const callbacks = callbacksOf(callback as never, errorCallback, 'applyAsync');
    return this.#apply(func, args, kwds, callbacks, this.applyAsync as never) as AsyncResult<ResultOf<F>>;
  }

  /**
   * Calls `func` with each item and blocks this thread until all results are there; they come in order.
   * @param chunksize how many items go to a worker as one task; absent: four chunks for each worker.
   * @throws what the first call that failed has thrown, when all have ended.
   */
  map<T, R>(
    func: ((item: T) => R) | ModuleTarget,
    iterable: Iterable<T>,
    chunksize?: number | null | PoolMapOptions,
  ): Awaited<R>[] {
    return this.#map(func, iterable, EACH, chunksize, null, 'map').get() as Awaited<R>[];
  }

  /** {@link map} that returns at once. */
  mapAsync<T, R>(
    func: ((item: T) => R) | ModuleTarget,
    iterable: Iterable<T>,
    chunksize?: number | null | PoolMapAsyncOptions<Awaited<R>[]>,
    callback?: ((results: Awaited<R>[]) => unknown) | null,
    errorCallback?: ((error: unknown) => unknown) | null,
  ): AsyncResult<Awaited<R>[]> {
    const callbacks = callbacksOf(chunksizeCallbacks(chunksize) ?? (callback as never), errorCallback, 'mapAsync');
    return this.#map(func, iterable, EACH, chunksize, callbacks, 'mapAsync') as AsyncResult<Awaited<R>[]>;
  }

  /** {@link map} for functions of several arguments: each item is the list of them. */
  starmap<F extends Target>(
    func: F | ModuleTarget,
    iterable: Iterable<Readonly<Parameters<F>>>,
    chunksize?: number | null | PoolMapOptions,
  ): ResultOf<F>[] {
    return this.#map(func, iterable, EACH_SPREAD, chunksize, null, 'starmap').get() as ResultOf<F>[];
  }

  /** {@link starmap} that returns at once. */
  starmapAsync<F extends Target>(
    func: F | ModuleTarget,
    iterable: Iterable<Readonly<Parameters<F>>>,
    chunksize?: number | null | PoolMapAsyncOptions<ResultOf<F>[]>,
    callback?: ((results: ResultOf<F>[]) => unknown) | null,
    errorCallback?: ((error: unknown) => unknown) | null,
  ): AsyncResult<ResultOf<F>[]> {
    const callbacks = callbacksOf(chunksizeCallbacks(chunksize) ?? (callback as never), errorCallback, 'starmapAsync');
    return this.#map(func, iterable, EACH_SPREAD, chunksize, callbacks, 'starmapAsync') as AsyncResult<ResultOf<F>[]>;
  }

  /**
   * {@link map} whose results come one by one, in order, while others are still being worked on. The iterable is
   * consumed as results are taken, some chunks ahead of them.
   */
  imap<T, R>(
    func: ((item: T) => R) | ModuleTarget,
    iterable: Iterable<T>,
    chunksize: number | PoolMapOptions = 1,
  ): IMapIterator<Awaited<R>> {
    return this.#imap(func, iterable, true, chunksize, 'imap') as IMapIterator<Awaited<R>>;
  }

  /** {@link imap} whose results come as they are there, in any order. */
  imapUnordered<T, R>(
    func: ((item: T) => R) | ModuleTarget,
    iterable: Iterable<T>,
    chunksize: number | PoolMapOptions = 1,
  ): IMapIterator<Awaited<R>> {
    return this.#imap(func, iterable, false, chunksize, 'imapUnordered') as IMapIterator<Awaited<R>>;
  }

  /** Takes no more work: the workers end when all that there is has been done. */
  close(): void {
    this.#work.close();
  }

  /** Ends the workers at once. What they run, and what waits, ends with a `RuntimeError`. */
  terminate(): void {
    this.#work.terminate();
  }

  /** {@link terminate}, and waits for the workers' end while the event loop goes on. */
  async terminateAsync(): Promise<void> {
    this.terminate();
    await this.#client.supervisor?.joinAllAsync();
  }

  /**
   * Blocks this thread until the workers have ended.
   * @throws ValueError the pool still runs: `close()` or `terminate()` it first.
   */
  join(): void {
    this.#work.join();
  }

  /** {@link join} while the event loop goes on. */
  async joinAsync(): Promise<void> {
    this.#work.submitRest('joinAsync');
    await this.#client.supervisor?.joinAllAsync();
  }

  /** Terminates the pool (`using pool = …`), as leaving Python's `with` does. */
  [Symbol.dispose](): void {
    this.terminate();
  }

  /** Terminates the pool and waits for its workers' end (`await using pool = …`). */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminateAsync();
  }

  #apply(
    func: unknown,
    args: readonly unknown[] | null | undefined,
    kwds: object | null | undefined,
    callbacks: ResultCallbacks<never> | null,
    callee: (...args: never[]) => unknown,
  ): AsyncResult {
    const who = `${this.#client.kind}.${callee.name}`;
    const all = [...checkArguments(args, who)];
    const last = checkKwargs(kwds, who);
    if (last !== null) all.push(last);
    const result = new AsyncResult(callbacks as ResultCallbacks<unknown> | null);
    const task = this.#work.submit(func, all, CALL, who, (failed, value) => result.settle(failed, value));
    result.follow(this.#client.tasks, task, submissionSite(callee, func));
    return result;
  }

  #map<T>(
    func: unknown,
    iterable: Iterable<T>,
    mode: Mode,
    options: number | null | undefined | PoolMapOptions,
    callbacks: ResultCallbacks<never> | null,
    method: 'map' | 'mapAsync' | 'starmap' | 'starmapAsync',
  ): AsyncResult<unknown[]> {
    const who = `${this.#client.kind}.${method}`;
    this.#work.checkRunning();
    const items = listOf(iterable, who);
    const { chunksize, progress } = mapOptions(options, who);
    const size = chunksize ?? defaultChunksize(items.length, this.#client.crew.workers.maximum);
    const report = progressReporter(progress, items.length);
    const site = submissionSite(this[method] as never, func);
    const result = new MapResult<unknown>(Math.ceil(items.length / size), callbacks as never, site, report);
    for (let start = 0, index = 0; start < items.length; start += size, index++) {
      const chunk = items.slice(start, start + size);
      const ended = (failed: boolean, value: unknown): void => result.chunkEnded(index, chunk.length, failed, value);
      try {
        result.follow(this.#client.tasks, this.#work.submit(func, chunk, mode, who, ended), null);
      } catch (error) {
        // An item that cannot be sent: the others are under way, and this chunk has failed.
        if (index === 0) throw error;
        ended(true, error);
      }
    }
    return result;
  }

  #imap<T>(
    func: unknown,
    iterable: Iterable<T>,
    ordered: boolean,
    options: number | PoolMapOptions,
    method: 'imap' | 'imapUnordered',
  ): IMapIterator<unknown> {
    const who = `${this.#client.kind}.${method}`;
    this.#work.checkRunning();
    if (typeof iterable !== 'string' && typeof iterable?.[Symbol.iterator] !== 'function') {
      throw new TypeError(`${who}: needs an iterable, not ${describe(iterable)}`);
    }
    const { chunksize, progress } = mapOptions(options, who);
    const iterator = new IMapIterator<unknown>({
      chunks: inChunks(iterable, chunksize ?? 1),
      submit: (chunk, ended) => this.#work.submitAlways(func, chunk, EACH, who, ended),
      window: this.#client.crew.workers.maximum * 4,
      ordered,
      exhausted: (exhausted) => this.#work.leave(exhausted as IMapIterator<unknown>),
      site: submissionSite(this[method] as never, func),
      progress: progressReporter(progress, Array.isArray(iterable) ? iterable.length : null),
    });
    this.#work.enter(iterator);
    return iterator;
  }
}

/** The error of who sends a pool where it cannot go. */
export function cannotTravel(path: string, kind: string): PicklingError {
  return new PicklingError(`${path}: a ${kind} cannot be sent; submit the work in the thread that has made it`);
}
