import { RuntimeError, ValueError } from '../errors.ts';
import type { ModuleTarget } from '../pickle/module-target.ts';
import { describe, toMilliseconds } from '../sync/timeout.ts';
import type { Target } from '../thread/target.ts';
import type { Future } from './future.ts';
import { MappedResults } from './mapped-results.ts';
import { CALL, type Mode } from './task-message.ts';

/** What a task gives when it is run elsewhere. */
export type ResultOf<F extends Target> = Awaited<ReturnType<F>>;

/** Options of `submitWith` (ours). */
export interface SubmitOptions {
  /** Aborting it cancels a queued task, and asks a running one to stop: see `taskSignal`. */
  signal?: AbortSignal | null;
  /** Seconds that the task may take, from when it starts; then it is asked to stop. */
  timeout?: number | null;
  /** ArrayBuffers that are given away: they are empty here afterwards. */
  transferList?: readonly ArrayBuffer[] | null;
}

/** Options of `map`. */
export interface MapOptions {
  /** Seconds from the call of `map` until all results must be there. */
  timeout?: number | null;
  /** How many items go to a worker as one task (default 1). */
  chunksize?: number;
  /** How many results may be under way or waiting to be taken; absent: everything is submitted at once. */
  buffersize?: number | null;
}

/** Options of `shutdown`. */
export interface ShutdownOptions {
  /** Whether to wait until all tasks have ended (default true). */
  wait?: boolean;
  /** Whether to cancel the tasks that no worker has begun with. */
  cancelFutures?: boolean;
}

/** The items of a list of iterables. */
export type Items<I extends readonly Iterable<unknown>[]> = {
  [K in keyof I]: I[K] extends Iterable<infer T> ? T : never;
};

/**
 * Something that runs functions elsewhere: in threads, in processes, by another library.
 *
 * Python: https://docs.python.org/3/library/concurrent.futures.html#executor-objects
 */
export abstract class Executor {
  /**
   * Has `fn(...args)` run by a worker. Returns at once.
   * @throws RuntimeError the executor was shut down. @throws BrokenExecutor it can run nothing any more.
   * @throws PicklingError the function or an argument cannot be sent; nothing was submitted.
   */
  submit<F extends Target>(fn: F, ...args: Parameters<F>): Future<ResultOf<F>>;
  /** The same for a function that a module exports. */
  submit(fn: ModuleTarget, ...args: unknown[]): Future<unknown>;
  submit(fn: Target | ModuleTarget, ...args: unknown[]): Future<unknown> {
    return this.dispatch(fn, args, CALL, NO_OPTIONS, this.submit as never);
  }

  /**
   * {@link submit} with a signal, a limit of time or buffers to give away (ours).
   * @throws ValueError the time-out is negative. @throws the signal's reason if it is aborted already.
   */
  submitWith<F extends Target>(options: SubmitOptions, fn: F, ...args: Parameters<F>): Future<ResultOf<F>>;
  /** The same for a function that a module exports. */
  submitWith(options: SubmitOptions, fn: ModuleTarget, ...args: unknown[]): Future<unknown>;
  submitWith(options: SubmitOptions, fn: Target | ModuleTarget, ...args: unknown[]): Future<unknown> {
    return this.dispatch(fn, args, CALL, checkSubmitOptions(options), this.submitWith as never);
  }

  /**
   * Calls `fn` with an item of each iterable at a time, up to the end of the shortest. Everything is submitted before
   * this returns, unless `buffersize` is given. The results come in order, blocking (`for … of`) or not
   * (`for await … of`).
   *
   * The iteration throws what a call has thrown, or `TimeoutError`; the tasks that have not begun are then cancelled.
   * @throws ValueError `chunksize` or `buffersize` is less than 1.
   */
  map<F extends Target, I extends readonly Iterable<unknown>[]>(
    fn: F | ModuleTarget,
    ...iterablesAndOptions: [...iterables: I] | [...iterables: I, options: MapOptions]
  ): MappedResults<ResultOf<F>> {
    const { iterables, options } = splitMapArguments(iterablesAndOptions);
    return new MappedResults(this, fn, iterables, checkMapOptions(options));
  }

  /**
   * No task can be submitted any more; those that were are still run. Calling it again does nothing more.
   * Blocks until all have ended, unless `wait` is false.
   */
  abstract shutdown(options?: ShutdownOptions): void;

  /** {@link shutdown}, waiting while the event loop goes on. */
  abstract shutdownAsync(options?: ShutdownOptions): Promise<void>;

  /**
   * @internal Submits a task: one call with these arguments, or (`mode`) one with each list of arguments, which gives an
   * array of the results. `callee` is the method that the user has called.
   */
  abstract dispatch(
    fn: Target | ModuleTarget,
    args: readonly unknown[],
    mode: Mode,
    options: SubmitOptions,
    callee: (...args: never[]) => unknown,
  ): Future<unknown>;

  /** Shuts it down and blocks until all tasks have ended (`using executor = …`). */
  [Symbol.dispose](): void {
    this.shutdown();
  }

  /** Shuts it down and waits until all tasks have ended (`await using executor = …`). */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdownAsync();
  }
}

/** Nothing out of the ordinary. */
const NO_OPTIONS: SubmitOptions = Object.freeze({});

/** The error of a submission to an executor that takes none any more. */
export function shutDownError(): RuntimeError {
  return new RuntimeError('Executor.submit: cannot schedule new futures after shutdown');
}

function checkSubmitOptions(options: SubmitOptions): SubmitOptions {
  const who = 'Executor.submitWith';
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      `${who}: needs { signal, timeout, transferList } before the function, not ${describe(options)}`,
    );
  }
  const { signal, timeout, transferList } = options;
  if (signal !== undefined && signal !== null && !(signal instanceof AbortSignal)) {
    throw new TypeError(`${who}: signal must be an AbortSignal, not ${describe(signal)}`);
  }
  if (toMilliseconds(timeout, who) < 0) throw new ValueError(`${who}: timeout must not be negative, but is ${timeout}`);
  if (transferList !== undefined && transferList !== null && !isListOfBuffers(transferList)) {
    throw new TypeError(`${who}: transferList must be an array of ArrayBuffers, not ${describe(transferList)}`);
  }
  signal?.throwIfAborted();
  return options;
}

function isListOfBuffers(list: unknown): boolean {
  return Array.isArray(list) && list.every((each) => each instanceof ArrayBuffer);
}

function splitMapArguments(given: readonly unknown[]): { iterables: Iterable<unknown>[]; options: MapOptions } {
  const last = given.at(-1);
  const hasOptions =
    given.length > 0 && typeof last === 'object' && last !== null && !(Symbol.iterator in last) && isPlain(last);
  const iterables = (hasOptions ? given.slice(0, -1) : given) as Iterable<unknown>[];
  if (iterables.length === 0) throw new TypeError('Executor.map: needs at least one iterable after the function');
  for (const iterable of iterables) {
    const isIterable = typeof iterable === 'string' || typeof iterable?.[Symbol.iterator] === 'function';
    if (!isIterable) throw new TypeError(`Executor.map: needs iterables after the function, not ${describe(iterable)}`);
  }
  return { iterables, options: hasOptions ? (last as MapOptions) : {} };
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function checkMapOptions(options: MapOptions): Required<MapOptions> {
  const { timeout = null, chunksize = 1, buffersize = null } = options;
  toMilliseconds(timeout, 'Executor.map');
  for (const [name, value] of Object.entries({ chunksize, buffersize })) {
    if (value === null) continue;
    if (!Number.isInteger(value))
      throw new TypeError(`Executor.map: ${name} must be an integer, not ${describe(value)}`);
    if (value < 1) throw new ValueError(`Executor.map: ${name} must be 1 or more, not ${value}`);
  }
  return { timeout, chunksize, buffersize };
}
