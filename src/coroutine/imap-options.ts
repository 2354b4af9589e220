import { ValueError } from '../errors.ts';
import { describe } from '../sync/timeout.ts';
import { type AnyIterable, isAsyncIterable, isIterable } from './zip.ts';

/** Options of `imap` and `imapUnordered`. */
export interface IMapOptions {
  /** How many calls may run, or have results that nobody has taken; absent or `null`: no limit but that of the pool. */
  maxsize?: number | null;
}

/** `(fn, ...iterables, options?)`, checked. */
export function splitMapArguments(
  fn: unknown,
  given: readonly unknown[],
  who: string,
): { iterables: AnyIterable[]; maxsize: number } {
  if (typeof fn !== 'function') throw new TypeError(`${who}: needs a function to run, not ${describe(fn)}`);
  const last = given.at(-1);
  const hasOptions = given.length > 0 && isOptions(last);
  const iterables = (hasOptions ? given.slice(0, -1) : given) as AnyIterable[];
  if (iterables.length === 0) throw new TypeError(`${who}: needs at least one iterable after the function`);
  for (const iterable of iterables) {
    if (isIterable(iterable) || isAsyncIterable(iterable)) continue;
    throw new TypeError(`${who}: needs iterables after the function, not ${describe(iterable)}`);
  }
  return { iterables, maxsize: hasOptions ? maxsizeOf(last, who) : Number.POSITIVE_INFINITY };
}

function isOptions(value: unknown): value is IMapOptions {
  if (typeof value !== 'object' || value === null || isIterable(value) || isAsyncIterable(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function maxsizeOf({ maxsize = null }: IMapOptions, who: string): number {
  if (maxsize === null) return Number.POSITIVE_INFINITY;
  if (!Number.isInteger(maxsize)) throw new TypeError(`${who}: maxsize must be an integer, not ${describe(maxsize)}`);
  if (maxsize < 1) throw new ValueError(`${who}: maxsize must be 1 or more, not ${maxsize}`);
  return maxsize;
}
