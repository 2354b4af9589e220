/** What `map` and its kin can be told, checked. */

import { describe } from '../sync/timeout.ts';
import type { ResultCallbacks } from './async-result.ts';
import { checkChunksize } from './chunks.ts';
import type { ProgressCallback } from './progress.ts';

/** Options of `map` and its kin, in place of `chunksize`. */
export interface PoolMapOptions {
  /** How many items go to a worker as one task. */
  chunksize?: number | null;
  /** `true` draws a bar on a terminal (lines elsewhere); a function is told how many of how many items are done. */
  progress?: boolean | ProgressCallback;
}

/** Options of `mapAsync` and `starmapAsync`. */
export interface PoolMapAsyncOptions<T> extends PoolMapOptions, ResultCallbacks<T> {}

/** Checks them. @throws TypeError, ValueError */
export function mapOptions(
  options: number | null | undefined | PoolMapOptions,
  who: string,
): { chunksize: number | null; progress: boolean | ProgressCallback } {
  const { chunksize, progress } =
    typeof options === 'object' && options !== null ? options : { chunksize: options, progress: false };
  if (progress !== undefined && typeof progress !== 'boolean' && typeof progress !== 'function') {
    throw new TypeError(`${who}: progress must be true or a function, not ${describe(progress)}`);
  }
  return {
    chunksize: chunksize === null || chunksize === undefined ? null : checkChunksize(chunksize, who),
    progress: progress ?? false,
  };
}

/** The callbacks among the options, if there are any. */
export function chunksizeCallbacks<T>(
  options: number | null | undefined | PoolMapAsyncOptions<T>,
): ResultCallbacks<T> | null {
  return typeof options === 'object' && options !== null && (options.callback || options.errorCallback)
    ? options
    : null;
}

/** The callbacks of `applyAsync` and its kin, given one by one or as an object. @throws TypeError */
export function callbacksOf(
  callback: ((result: never) => unknown) | ResultCallbacks<never> | null | undefined,
  errorCallback: ((error: unknown) => unknown) | null | undefined,
  method: string,
): ResultCallbacks<never> {
  const given = typeof callback === 'object' && callback !== null ? callback : { callback, errorCallback };
  for (const [name, fn] of Object.entries({ callback: given.callback, errorCallback: given.errorCallback })) {
    if (fn !== undefined && fn !== null && typeof fn !== 'function') {
      throw new TypeError(`Pool.${method}: ${name} must be a function, not ${describe(fn)}`);
    }
  }
  return given as ResultCallbacks<never>;
}
