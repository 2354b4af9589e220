import { ValueError } from '../errors.ts';
import { describe } from '../sync/timeout.ts';

/** The items of an iterable as an array. @throws TypeError it is none. */
export function listOf<T>(iterable: Iterable<T>, who: string): readonly T[] {
  if (Array.isArray(iterable)) return iterable;
  if (typeof iterable === 'string' || typeof iterable?.[Symbol.iterator] === 'function') return [...iterable];
  throw new TypeError(`${who}: needs an iterable, not ${describe(iterable)}`);
}

/** How many items a chunk has when nobody says: four chunks for each worker, as in CPython. */
export function defaultChunksize(items: number, workers: number): number {
  return Math.max(1, Math.ceil(items / (workers * 4)));
}

/** @throws TypeError, ValueError */
export function checkChunksize(chunksize: number, who: string): number {
  if (!Number.isInteger(chunksize))
    throw new TypeError(`${who}: chunksize must be an integer, not ${describe(chunksize)}`);
  if (chunksize < 1) throw new ValueError(`${who}: chunksize must be 1 or more, not ${chunksize}`);
  return chunksize;
}

/** An iterable as lists of `size` items; the last one may be shorter. */
export function* inChunks<T>(iterable: Iterable<T>, size: number): Generator<T[], undefined> {
  let chunk: T[] = [];
  for (const item of iterable) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
  return undefined;
}
