import type { ModuleTarget } from '../pickle/module-target.ts';
import type { ResultOf } from '../pool/executor.ts';
import { asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import type { Target } from '../thread/target.ts';
import { BaseProxy, callLater, callNow } from './base-proxy.ts';
import { plain } from './dict-proxy.ts';
import { waitArguments } from './lock-proxy.ts';
import { registerProxy } from './proxies.ts';

/**
 * A pool whose workers are children of the server of a manager: any thread and process may give it something to do.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.pool
 */
export class PoolProxy extends BaseProxy {
  /** Calls `func(...args)` in a worker, and blocks this thread until the result is there. */
  apply<F extends Target>(func: F | ModuleTarget, args?: readonly unknown[] | null, kwds?: object | null): ResultOf<F> {
    return callNow(this, 'apply', [func, args, kwds]);
  }

  /** Calls `func(...args)` in a worker; blocks only until the pool has the task. */
  applyAsync<F extends Target>(
    func: F | ModuleTarget,
    args?: readonly unknown[] | null,
    kwds?: object | null,
  ): AsyncResultProxy<ResultOf<F>> {
    return callNow(this, 'applyAsync', [func, args, kwds]);
  }

  /** Calls `func` for each item, and blocks this thread until all results are there. */
  map<T, R>(func: ((item: T) => R) | ModuleTarget, items: Iterable<T>, chunksize?: number | null): Awaited<R>[] {
    return callNow(this, 'map', [func, plain(items), chunksize]);
  }

  /** {@link map} that blocks only until the pool has the tasks. */
  mapAsync<T, R>(
    func: ((item: T) => R) | ModuleTarget,
    items: Iterable<T>,
    chunksize?: number | null,
  ): AsyncResultProxy<Awaited<R>[]> {
    return callNow(this, 'mapAsync', [func, plain(items), chunksize]);
  }

  /** {@link map} for functions of several arguments. */
  starmap<F extends Target>(
    func: F | ModuleTarget,
    items: Iterable<Readonly<Parameters<F>>>,
    chunksize?: number | null,
  ): ResultOf<F>[] {
    return callNow(this, 'starmap', [func, plain(items), chunksize]);
  }

  /** {@link starmap} that blocks only until the pool has the tasks. */
  starmapAsync<F extends Target>(
    func: F | ModuleTarget,
    items: Iterable<Readonly<Parameters<F>>>,
    chunksize?: number | null,
  ): AsyncResultProxy<ResultOf<F>[]> {
    return callNow(this, 'starmapAsync', [func, plain(items), chunksize]);
  }

  /** {@link map} whose results come one by one, in order. */
  imap<T, R>(
    func: ((item: T) => R) | ModuleTarget,
    items: Iterable<T>,
    chunksize?: number | null,
  ): IteratorProxy<Awaited<R>> {
    return callNow(this, 'imap', [func, plain(items), chunksize ?? 1]);
  }

  /** {@link imap} whose results come as they are there. */
  imapUnordered<T, R>(
    func: ((item: T) => R) | ModuleTarget,
    items: Iterable<T>,
    chunksize?: number | null,
  ): IteratorProxy<Awaited<R>> {
    return callNow(this, 'imapUnordered', [func, plain(items), chunksize ?? 1]);
  }

  /** No more tasks are taken; the workers end when they have done what there is. */
  close(): void {
    callNow(this, 'close', []);
  }

  /** Ends the workers at once; blocks until they have ended. */
  terminate(): void {
    callNow(this, 'terminate', []);
  }

  /** {@link terminate} while the event loop goes on. */
  async terminateAsync(): Promise<void> {
    await callLater(this, 'terminate', []);
  }

  /** Blocks this thread until the workers have ended. @throws ValueError the pool still runs. */
  join(): void {
    callNow(this, 'join', []);
  }

  /** {@link join} while the event loop goes on. */
  async joinAsync(): Promise<void> {
    await callLater(this, 'join', []);
  }

  /** Terminates the pool (`using pool = …`). */
  override [Symbol.dispose](): void {
    this.terminate();
  }
}

/** The result of a task of a {@link PoolProxy}, which stays in the server until it is asked for. It can be awaited. */
export class AsyncResultProxy<T = unknown> extends BaseProxy implements PromiseLike<T> {
  /** The result; blocks. @param timeout seconds at most. @throws TimeoutError of `multiprocessing`. Else what the task threw. */
  get(timeout?: number | null): T {
    return callNow(this, 'get', waitArguments(timeout, 'AsyncResult.get').args);
  }

  /** {@link get} while the event loop goes on. */
  async getAsync(options?: number | null | WaitAsyncOptions): Promise<T> {
    const { args, signal } = waitArguments(options, 'AsyncResult.getAsync');
    return callLater(this, 'get', args, { signal });
  }

  /** Blocks until the result is there, or the time (in seconds) has passed. */
  wait(timeout?: number | null): void {
    callNow(this, 'wait', waitArguments(timeout, 'AsyncResult.wait').args);
  }

  /** {@link wait} while the event loop goes on. */
  async waitAsync(options?: number | null | WaitAsyncOptions): Promise<void> {
    const { args, signal } = waitArguments(options, 'AsyncResult.waitAsync');
    await callLater(this, 'wait', args, { signal });
  }

  /** Whether the result is there. */
  ready(): boolean {
    return callNow(this, 'ready', []);
  }

  /** Whether the task has ended without throwing. @throws ValueError it has not ended. */
  successful(): boolean {
    return callNow(this, 'successful', []);
  }

  /** Waits while the event loop goes on: `await result`. */
  // biome-ignore lint/suspicious/noThenProperty: a result is a promise
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.getAsync().then(onFulfilled, onRejected);
  }
}

/** The results of `imap` of a {@link PoolProxy}, one by one: for `for` (blocks) and `for await`. */
export class IteratorProxy<T = unknown> extends BaseProxy {
  /** The next result; blocks. @param timeout seconds at most. @throws TimeoutError of `multiprocessing`. */
  next(timeout?: number | null): IteratorResult<T, undefined> {
    return callNow(this, 'next', waitArguments(timeout, 'IMapIterator.next').args);
  }

  /** {@link next} while the event loop goes on. */
  async nextAsync(options?: number | null | WaitAsyncOptions): Promise<IteratorResult<T, undefined>> {
    const { milliseconds, signal } = asyncWaitOf(options, 'IMapIterator.nextAsync');
    return callLater(this, 'next', milliseconds === Number.POSITIVE_INFINITY ? [] : [milliseconds / 1000], { signal });
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let result = this.next(); !result.done; result = this.next()) yield result.value;
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<T> {
    for (let result = await this.nextAsync(); !result.done; result = await this.nextAsync()) yield result.value;
  }
}

registerProxy('Pool', PoolProxy, (reference) => new PoolProxy(reference));
registerProxy('AsyncResult', AsyncResultProxy, (reference) => new AsyncResultProxy(reference));
registerProxy('Iterator', IteratorProxy, (reference) => new IteratorProxy(reference));
