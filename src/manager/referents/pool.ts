/** `Pool` of a server: its workers are children of the server, and its results stay there until they are asked for. */

import { MultiprocessingTimeoutError } from '../../errors.ts';
import type { AsyncResult } from '../../pool/async-result.ts';
import type { Pool } from '../../pool/pool.ts';
import { toMilliseconds } from '../../sync/timeout.ts';
import type { Call, Methods } from '../call.ts';

/** In a box: a promise would wait for what can be awaited. */
export interface PendingResult {
  readonly result: AsyncResult<unknown>;
}

/** The results of `imap`. */
export interface ResultIterator {
  readonly iterator: AsyncIterator<unknown>;
  /** The next one, when it was asked for and did not come in time. */
  waiting: Promise<IteratorResult<unknown>> | null;
}

export const poolMethods: Methods<Pool> = {
  apply: (pool, _call, func, args, kwds) => pool.applyAsync(func, args, kwds),
  applyAsync: (pool, _call, func, args, kwds): PendingResult => ({ result: pool.applyAsync(func, args, kwds) }),
  map: (pool, _call, func, items, chunksize) => pool.mapAsync(func, items, chunksize),
  mapAsync: (pool, _call, func, items, chunksize): PendingResult => ({
    result: pool.mapAsync(func, items, chunksize) as unknown as AsyncResult<unknown>,
  }),
  starmap: (pool, _call, func, items, chunksize) => pool.starmapAsync(func, items, chunksize),
  starmapAsync: (pool, _call, func, items, chunksize): PendingResult => ({
    result: pool.starmapAsync(func, items, chunksize) as unknown as AsyncResult<unknown>,
  }),
  imap: (pool, _call, func, items, chunksize) => iterate(pool.imap(func, items, chunksize)),
  imapUnordered: (pool, _call, func, items, chunksize) => iterate(pool.imapUnordered(func, items, chunksize)),
  close: (pool) => pool.close(),
  terminate: (pool) => pool.terminateAsync(),
  join: (pool) => pool.joinAsync(),
};

/** What the results of its methods are, if they stay in the server. */
export const POOL_RESULTS: Record<string, string> = {
  applyAsync: 'AsyncResult',
  mapAsync: 'AsyncResult',
  starmapAsync: 'AsyncResult',
  imap: 'Iterator',
  imapUnordered: 'Iterator',
};

function iterate(results: AsyncIterable<unknown>): ResultIterator {
  return { iterator: results[Symbol.asyncIterator](), waiting: null };
}

export const resultMethods: Methods<PendingResult> = {
  get: ({ result }, call, timeout?: number | null) =>
    within(call, result.finally(), toMilliseconds(timeout, 'AsyncResult.get'), late),
  wait: ({ result }, call, timeout?: number | null) =>
    within(
      call,
      result.finally().then(
        () => {},
        () => {},
      ),
      toMilliseconds(timeout, 'AsyncResult.wait'),
      () => {},
    ),
  ready: ({ result }) => result.ready(),
  successful: ({ result }) => result.successful(),
};

export const iteratorMethods: Methods<ResultIterator> = {
  async next(results, call, timeout?: number | null) {
    const milliseconds = toMilliseconds(timeout, 'IMapIterator.next');
    const next = results.waiting ?? results.iterator.next();
    results.waiting = next;
    let failure: unknown;
    next.catch((error) => {
      failure = error;
    });
    // A time-out loses nothing: the next call waits for the same result.
    try {
      const result = await within(call, next, milliseconds, late);
      results.waiting = null;
      return result;
    } catch (error) {
      if (error === failure) results.waiting = null;
      throw error;
    }
  },
};

function late(): never {
  throw new MultiprocessingTimeoutError('the result did not come in time');
}

/** Waits for a promise, for so long. */
async function within<T>(call: Call, promise: Promise<T>, milliseconds: number, otherwise: () => T): Promise<T> {
  const { signal } = call;
  signal.throwIfAborted();
  promise.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => {};
  const end = new Promise<() => T>((resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (milliseconds !== Number.POSITIVE_INFINITY) {
      timer = setTimeout(() => resolve(otherwise), Math.min(Math.max(milliseconds, 0), 0x7fff_ffff));
    }
  });
  try {
    const first = await Promise.race([promise.then((value) => () => value), end]);
    return first();
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
