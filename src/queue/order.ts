/**
 * The order of items in a `PriorityQueue`: that of Python's `<`, for what JavaScript has.
 *
 * Numbers, BigInts and booleans compare by value, strings by code point, arrays element by element (the first pair that
 * differs decides, else the shorter one comes first), bytes likewise. An object says it itself with `compareTo(other)`,
 * or has a `valueOf()` that gives one of the above, as a `Date` does.
 */

import { isDeepStrictEqual, types } from 'node:util';
import { describe } from '../sync/timeout.ts';

/** An object that orders itself. */
interface Comparable {
  compareTo(other: unknown): number | bigint;
}

/** Whether `a` comes before `b` (Python's `a < b`). @throws TypeError they cannot be compared. */
export function comesBefore(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a === 'string' && typeof b === 'string') return stringBefore(a, b);
  if (isNumeric(a) && isNumeric(b)) return a < b;
  if (Array.isArray(a) && Array.isArray(b)) return arrayBefore(a, b);
  if (isComparable(a)) return comparison(a, b) < 0;
  if (isComparable(b)) return comparison(b, a) > 0;
  if (types.isUint8Array(a) && types.isUint8Array(b)) return Buffer.compare(a, b) < 0;
  const [left, right] = [primitiveOf(a), primitiveOf(b)];
  if (left !== a || right !== b) return comesBefore(left, right);
  throw new TypeError(
    `PriorityQueue: ${describeItem(a)} and ${describeItem(b)} have no order; put numbers, strings, arrays of them such as ` +
      '[priority, number, item], or objects with compareTo(other)',
  );
}

/** Whether two elements of arrays count as the same (Python's `a == b`), so that the next ones decide. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNumeric(a) && isNumeric(b)) return a <= b && a >= b;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  if (isComparable(a)) return Number(comparison(a, b)) === 0;
  if (isComparable(b)) return Number(comparison(b, a)) === 0;
  const [left, right] = [primitiveOf(a), primitiveOf(b)];
  if (left !== a || right !== b) return isEqual(left, right);
  return isDeepStrictEqual(a, b);
}

function arrayBefore(a: readonly unknown[], b: readonly unknown[]): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (!isEqual(a[i], b[i])) return comesBefore(a[i], b[i]);
  return a.length < b.length;
}

/** JavaScript orders strings by UTF-16 units, in which characters beyond U+FFFF come before U+E000. */
function stringBefore(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return isSurrogate(left) === isSurrogate(right) ? left < right : isSurrogate(right);
  }
  return a.length < b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xe000;
}

function isNumeric(value: unknown): value is number | bigint | boolean {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
}

function isComparable(value: unknown): value is Comparable {
  return typeof value === 'object' && value !== null && typeof (value as Comparable).compareTo === 'function';
}

function comparison(a: Comparable, b: unknown): number | bigint {
  const result = a.compareTo(b);
  if (typeof result === 'number' || typeof result === 'bigint') return result;
  throw new TypeError(`PriorityQueue: compareTo() of ${describe(a)} must return a number, not ${describe(result)}`);
}

/** What an object's `valueOf()` gives, if that can be compared; else the object. */
function primitiveOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || typeof value.valueOf !== 'function') return value;
  const primitive = value.valueOf();
  return isNumeric(primitive) || typeof primitive === 'string' ? primitive : value;
}

function describeItem(value: unknown): string {
  const text = describe(value);
  return typeof value === 'object' && value !== null ? text : `the ${typeof value} ${text}`;
}
