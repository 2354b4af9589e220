import { describe } from './timeout.ts';

/** The type codes of Python's `array` and `multiprocessing.sharedctypes`, as on 64-bit Linux. */
export type Typecode = 'c' | 'b' | 'B' | 'h' | 'H' | 'i' | 'I' | 'l' | 'L' | 'q' | 'Q' | 'f' | 'd' | '?';

/** What a `Value` of each code reads as. */
export type ValueOf<C extends Typecode> = C extends 'c'
  ? Buffer
  : C extends '?'
    ? boolean
    : C extends 'l' | 'L' | 'q' | 'Q'
      ? bigint
      : number;

/** What may be assigned to a `Value` of each code. */
export type AssignableTo<C extends Typecode> = C extends 'c'
  ? Uint8Array | string
  : C extends '?'
    ? boolean | number
    : C extends 'l' | 'L' | 'q' | 'Q'
      ? bigint | number
      : number;

/** The typed array that an `Array` of each code is. */
export type TypedArrayOf<C extends Typecode> = C extends 'b'
  ? Int8Array
  : C extends 'h'
    ? Int16Array
    : C extends 'H'
      ? Uint16Array
      : C extends 'i'
        ? Int32Array
        : C extends 'I'
          ? Uint32Array
          : C extends 'l' | 'q'
            ? BigInt64Array
            : C extends 'L' | 'Q'
              ? BigUint64Array
              : C extends 'f'
                ? Float32Array
                : C extends 'd'
                  ? Float64Array
                  : Uint8Array;

export type AnyTypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

// biome-ignore lint/suspicious/noExplicitAny: one signature for all typed array constructors
export type AnyTypedArrayConstructor = any;

/** What the bytes of each code are read through. */
export const VIEWS: Record<Typecode, AnyTypedArrayConstructor> = {
  c: Uint8Array,
  b: Int8Array,
  B: Uint8Array,
  h: Int16Array,
  H: Uint16Array,
  i: Int32Array,
  I: Uint32Array,
  l: BigInt64Array,
  L: BigUint64Array,
  q: BigInt64Array,
  Q: BigUint64Array,
  f: Float32Array,
  d: Float64Array,
  '?': Uint8Array,
};

const LIST = Object.keys(VIEWS).join(' ');

/** Checks a type code. @throws TypeError for any other value. */
export function checkTypecode(code: unknown, who: string): asserts code is Typecode {
  if (typeof code === 'string' && Object.hasOwn(VIEWS, code)) return;
  throw new TypeError(`${who}: ${describe(code)} is no type code; the codes are ${LIST}`);
}

export function isBigCode(code: Typecode): boolean {
  return code === 'l' || code === 'L' || code === 'q' || code === 'Q';
}

export function isFloatCode(code: Typecode): boolean {
  return code === 'f' || code === 'd';
}

/** A value in the form in which a view of its code stores it. Integers wrap silently, as in C. */
export function toStored(code: Typecode, value: unknown, who: string): number | bigint {
  if (code === 'c') return charCode(value, who);
  if (code === '?') return value ? 1 : 0;
  if (isBigCode(code)) {
    if (typeof value === 'bigint') return value;
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
    throw new TypeError(`${who}: code ${code} takes a bigint or a safe integer, not ${describe(value)}`);
  }
  if (typeof value === 'number' && (isFloatCode(code) || Number.isInteger(value))) return value;
  const kind = isFloatCode(code) ? 'a number' : 'an integer';
  throw new TypeError(`${who}: code ${code} takes ${kind}, not ${describe(value)}`);
}

function charCode(value: unknown, who: string): number {
  if (typeof value === 'string' && value.length === 1 && value.charCodeAt(0) < 256) return value.charCodeAt(0);
  if (value instanceof Uint8Array && value.length === 1) return value[0];
  throw new TypeError(`${who}: code c takes one byte (a Uint8Array or a string of length 1), not ${describe(value)}`);
}
