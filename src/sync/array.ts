/**
 * ```
 *  +0 CODE   character code of the type code, plus 256 if there is a lock
 *  +1 LENGTH elements
 *  +4 reentrant lock (rlock.ts)
 * +16 the elements
 * ```
 *
 * The array that the user gets is a typed array over these very bytes, so that indexing costs what it costs for any
 * `Int32Array`. A typed array cannot also be a {@link SharedObject}: each has one beside it, its holder.
 */

import { ValueError } from '../errors.ts';
import { objectAt, Place, SharedObject } from '../memory/handle.ts';
import type { Memory } from '../memory/memory.ts';
import type { AcquireAsyncOptions, AcquireOptions, Guard, Lockable } from './lockable.ts';
import { describe } from './timeout.ts';
import {
  type AnyTypedArray,
  type AnyTypedArrayConstructor,
  checkTypecode,
  type Typecode,
  type TypedArrayOf,
  toStored,
  VIEWS,
} from './typecode.ts';

const CODE = 0;
const LENGTH = 1;
const LOCK = 4;
const DATA = 16;
const WITH_LOCK = 256;

/** What an `Array` has beside the methods of a typed array. */
export interface ArrayLock {
  /** The lock: reentrant, unless another was given. */
  getLock(): Lockable;
  /** The same elements without a lock. */
  getObj(): AnyTypedArray;
  /** `acquire` of the lock. */
  acquire(blocking?: boolean | AcquireOptions, timeout?: number | null): boolean;
  /** `acquireAsync` of the lock. */
  acquireAsync(blocking?: boolean | AcquireAsyncOptions, timeout?: number | null): Promise<boolean>;
  /** `release` of the lock. */
  release(): void;
  /** `hold` of the lock. */
  hold(): Guard;
  /** `holdAsync` of the lock. */
  holdAsync(options?: { signal?: AbortSignal }): Promise<Guard>;
  /** `with` of the lock. */
  with<R>(fn: () => R): R;
  /** `withAsync` of the lock. */
  withAsync<R>(fn: () => R | PromiseLike<R>, options?: { signal?: AbortSignal }): Promise<R>;
}

/** What an array of code `c` has: its bytes up to the first zero, and all of them. */
export interface ByteString {
  /** The bytes up to the first zero. Assigning shorter ones ends them with a zero. */
  get value(): Buffer;
  set value(bytes: Uint8Array | string);
  /** All bytes. */
  get raw(): Buffer;
  set raw(bytes: Uint8Array | string);
}

/** An array of a type code in shared memory, without a lock. */
export type RawArrayOf<C extends Typecode> = TypedArrayOf<C> & (C extends 'c' ? ByteString : unknown);
/** An array of a type code in shared memory, with its lock. */
export type SharedArrayOf<C extends Typecode> = Omit<TypedArrayOf<C>, 'with'> &
  (C extends 'c' ? ByteString : unknown) &
  ArrayLock;

/** The object that holds the payload for the array, and the array for the payload. */
class Holder extends SharedObject {
  array: AnyTypedArray | null = null;
  lock: Lockable | null = null;
  /** The lock that the constructor was given, if it was. */
  foreignLock: Lockable | null = null;

  constructor(place: Place) {
    super(place);
  }
}

const holders = new WeakMap<object, Holder>();
/** Views that `subarray` made keep the array alive that they look into. */
const origins = new WeakMap<object, object>();

function lockOf(array: object): Lockable {
  return holders.get(array)?.lock as Lockable;
}

/** The holder of an array, for the pickler. */
export function holderOf(array: object): Holder {
  return holders.get(array) as Holder;
}

/** Whether a value is an array of this library, with a lock (`Array`) or of either sort (`RawArray`). */
export function isSharedArray(array: unknown, name: 'Array' | 'RawArray'): boolean {
  const holder = holders.get(array as object);
  return holder !== undefined && (name === 'RawArray' || holder.lock !== null);
}

function defineClass(code: Typecode, locked: boolean): AnyTypedArrayConstructor {
  const Base = VIEWS[code];
  class Elements extends Base {
    // What `slice`, `map` and `filter` make is an ordinary array of the same kind.
    static get [Symbol.species](): AnyTypedArrayConstructor {
      return Base;
    }

    subarray(begin?: number, end?: number): AnyTypedArray {
      const view = super.subarray(begin, end);
      origins.set(view, this);
      return view;
    }
  }
  if (locked) Object.defineProperties(Elements.prototype, LOCK_METHODS);
  if (code === 'c') Object.defineProperties(Elements.prototype, BYTE_STRING);
  Object.defineProperty(Elements, 'name', { value: locked ? 'Array' : 'RawArray' });
  return Elements;
}

const LOCK_METHODS = hidden<ArrayLock & ThisType<AnyTypedArray>>({
  getLock() {
    return lockOf(this);
  },
  getObj() {
    const raw = new VIEWS[codeOf(this)](this.buffer, this.byteOffset, this.length);
    origins.set(raw, this);
    return raw;
  },
  acquire(blocking, timeout) {
    return lockOf(this).acquire(blocking, timeout);
  },
  acquireAsync(blocking, timeout) {
    return lockOf(this).acquireAsync(blocking, timeout);
  },
  release() {
    lockOf(this).release();
  },
  hold() {
    return lockOf(this).hold();
  },
  holdAsync(options) {
    return lockOf(this).holdAsync(options);
  },
  with(fn) {
    return lockOf(this).with(fn);
  },
  withAsync(fn, options) {
    return lockOf(this).withAsync(fn, options);
  },
});

const BYTE_STRING = hidden<ByteString & ThisType<Uint8Array>>({
  get value(): Buffer {
    const end = this.indexOf(0);
    return Buffer.from(Uint8Array.prototype.slice.call(this, 0, end === -1 ? this.length : end));
  },
  set value(bytes: Uint8Array | string) {
    const source = toBytes(bytes, this.length, 'Array.value');
    this.set(source);
    if (source.length < this.length) this[source.length] = 0;
  },
  get raw(): Buffer {
    return Buffer.from(Uint8Array.prototype.slice.call(this));
  },
  set raw(bytes: Uint8Array | string) {
    this.set(toBytes(bytes, this.length, 'Array.raw'));
  },
});

/** Methods as properties that are not enumerated. */
function hidden<M extends object>(methods: M): PropertyDescriptorMap {
  const descriptors: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(methods);
  for (const descriptor of Object.values(descriptors)) descriptor.enumerable = false;
  return descriptors;
}

function toBytes(bytes: unknown, room: number, who: string): Uint8Array {
  const source = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  if (!(source instanceof Uint8Array)) throw new TypeError(`${who}: needs bytes or a string, not ${describe(bytes)}`);
  if (source.length > room) throw new ValueError(`${who}: ${source.length} bytes do not fit into ${room}`);
  return source;
}

type Register = (cls: AnyTypedArrayConstructor, kind: string) => void;

const classes = new Map<string, AnyTypedArrayConstructor>();
const registers = new Map<string, Register>();

/** Sets what is done with each new class of arrays of a module. There are many, of which a program uses one or two. */
export function registerArrays(module: string, register: Register): void {
  registers.set(module, register);
}

/** Makes the class of a kind if there is such a kind: a code, with `.raw` behind it for arrays without a lock. */
export function defineKind(module: string, kind: string): void {
  const [code, raw] = kind.split('.');
  if (Object.hasOwn(VIEWS, code) && (raw === undefined || raw === 'raw')) {
    arrayClass(module, code as Typecode, raw === undefined);
  }
}

/** The class of arrays of a module and code, with or without a lock; always the same one. */
function arrayClass(module: string, code: Typecode, locked: boolean): AnyTypedArrayConstructor {
  const kind = locked ? code : `${code}.raw`;
  const key = `${module} ${kind}`;
  let found = classes.get(key);
  if (found === undefined) {
    found = defineClass(code, locked);
    classes.set(key, found);
    registers.get(module)?.(found, kind);
  }
  return found;
}

function codeOf(array: object): Typecode {
  const { place } = holders.get(array) as Holder;
  return String.fromCharCode(place.memory.i32[place.base + CODE] & 255) as Typecode;
}

/** Makes an array: `source` is its length, or what it holds at first. */
export function makeArray(
  module: string,
  memory: Memory,
  code: unknown,
  source: unknown,
  lock: Lockable | ((place: Place) => Lockable) | null,
  who: string,
): AnyTypedArray {
  checkTypecode(code, who);
  const values = elements(code, source, who);
  const length = typeof values === 'number' ? values : values.length;
  const bytes = length * (VIEWS[code].BYTES_PER_ELEMENT as number);
  const place = Place.fresh(memory, DATA * 4 + bytes);
  memory.i32[place.base + CODE] = code.charCodeAt(0) | (lock === null ? 0 : WITH_LOCK);
  memory.i32[place.base + LENGTH] = length;
  const array = arrayAt(module, place, lock);
  if (typeof values !== 'number') for (let i = 0; i < length; i++) array[i] = values[i] as never;
  return array;
}

/** The array at a place; the same object each time. */
export function arrayAt(
  module: string,
  place: Place,
  lock: Lockable | ((place: Place) => Lockable) | null,
): AnyTypedArray {
  const holder = objectAt(place, (at) => new Holder(at));
  if (holder.array !== null) return holder.array;
  const w = place.memory.i32;
  const code = String.fromCharCode(w[place.base + CODE] & 255) as Typecode;
  const locked = (w[place.base + CODE] & WITH_LOCK) !== 0;
  const Class = arrayClass(module, code, locked);
  const array = new Class(w.buffer, (place.base + DATA) * 4, w[place.base + LENGTH]) as AnyTypedArray;
  const own = new Place(place.memory, place.payload, place.base + LOCK);
  if (locked) {
    holder.foreignLock = typeof lock === 'function' ? null : lock;
    holder.lock = typeof lock === 'function' ? lock(own) : lock;
  }
  holder.array = array;
  holders.set(array, holder);
  return array;
}

function elements(code: Typecode, source: unknown, who: string): number | (number | bigint)[] | Uint8Array {
  if (typeof source === 'number') {
    if (Number.isInteger(source) && source >= 0) return source;
    throw new ValueError(`${who}: the length must be a non-negative integer, not ${source}`);
  }
  if (code === 'c' && (typeof source === 'string' || source instanceof Uint8Array))
    return Buffer.from(source as string);
  if (typeof source === 'object' && source !== null && Symbol.iterator in source) {
    return [...(source as Iterable<unknown>)].map((value, i) => toStored(code, value, `${who}: element ${i}`));
  }
  throw new TypeError(`${who}: needs a length or the elements (an iterable), not ${describe(source)}`);
}
