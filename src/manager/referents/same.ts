import { isDeepStrictEqual } from 'node:util';

/** Python's `==`, for what a proxy asks after: what arrives is a copy, so that identity says nothing. */
export function isSame(first: unknown, second: unknown): boolean {
  return first === second || (typeof first === 'object' && isDeepStrictEqual(first, second));
}
