import { inspect } from 'node:util';
import type { Decoding } from './decoding.ts';
import type { Encoding } from './encoding.ts';
import { ARRAY, LATER, LONG_ARRAY, LONG_OBJECT, LOOSE_ARRAY, MAP, NULL_OBJECT, OBJECT, SET } from './wire.ts';

/** Beyond this, listing the keys of an array costs more than asking util.inspect, which skips its elements. */
const LISTED_KEYS = 256;
const INDEXES = Array.from({ length: LISTED_KEYS }, (_, i) => String(i));
const ONLY_ELEMENTS = /^\[ ?\.\.\. \d+ more items? ?\]$/;

/** Whether an array has holes, or properties beside its elements. */
function isLoose(array: unknown[]): boolean {
  const length = array.length;
  if (length <= LISTED_KEYS) {
    // Indexes come first and in order: with as many keys as elements, the last is the last index or there is a hole.
    const keys = Object.keys(array);
    return keys.length !== length || (length > 0 && keys[length - 1] !== INDEXES[length - 1]);
  }
  // JavaScript has no way to ask for the properties of an array without its elements, but the printer knows one.
  const shown = inspect(array, { depth: 0, maxArrayLength: 0, maxStringLength: 0, customInspect: false, compact: 9 });
  if (!ONLY_ELEMENTS.test(shown)) return true;
  for (let i = 0; i < length; i++) if (array[i] === undefined && !(i in array)) return true;
  return false;
}

export function writeArray(e: Encoding, array: unknown[]): void {
  if (isLoose(array)) {
    writeLooseArray(e, array);
    return;
  }
  const length = array.length;
  if (length < 16) {
    e.byte(ARRAY | length);
  } else {
    e.byte(LONG_ARRAY);
    e.varint(length);
  }
  for (let i = 0; i < length; i++) {
    const item = array[i];
    if (typeof item === 'number') e.number(item);
    else e.value(item);
  }
}

function writeLooseArray(e: Encoding, array: unknown[]): void {
  e.byte(LOOSE_ARRAY);
  e.varint(array.length);
  writeProperties(e, array);
}

export function readArray(d: Decoding, length: number): unknown[] {
  const array: unknown[] = d.container(length < 16 ? [] : new Array(length));
  for (let i = 0; i < length; i++) array[i] = d.value();
  return array;
}

export function readLooseArray(d: Decoding): unknown[] {
  const array: unknown[] = d.container([]);
  const length = d.varint();
  // An array that says it is long and holds little must not take the memory of a long one.
  if (length > d.bytes.length) {
    array[length - 1] = undefined;
    delete array[length - 1];
  }
  array.length = length;
  readProperties(d, array);
  return array;
}

export function writeObject(e: Encoding, object: Record<string, unknown>): void {
  const keys = Object.keys(object);
  const count = keys.length;
  if (count < 16) {
    e.byte(OBJECT | count);
  } else {
    e.byte(LONG_OBJECT);
    e.varint(count);
  }
  for (let i = 0; i < count; i++) {
    const key = keys[i];
    e.string(key);
    const item = object[key];
    if (typeof item === 'number') e.number(item);
    else e.value(item);
  }
}

export function writeNullObject(e: Encoding, object: object): void {
  e.byte(NULL_OBJECT);
  writeProperties(e, object);
}

export function readObject(d: Decoding, count: number): object {
  const object: Record<string, unknown> = d.container({});
  for (let i = 0; i < count; i++) {
    const key = d.string();
    if (key === '__proto__') define(object, key, d.value());
    else object[key] = d.value();
  }
  return object;
}

export function readNullObject(d: Decoding): object {
  const object = Object.create(null);
  d.add(object);
  readProperties(d, object);
  return object;
}

/** The own enumerable properties of any object, those that `skip` names excepted. */
export function writeProperties(e: Encoding, object: object, skip?: (key: string) => boolean): void {
  let keys = Object.keys(object);
  if (skip !== undefined) keys = keys.filter((key) => !skip(key));
  e.varint(keys.length);
  for (const key of keys) {
    e.string(key);
    e.value((object as Record<string, unknown>)[key]);
  }
}

export function readProperties(d: Decoding, object: object): void {
  const count = d.count();
  for (let i = 0; i < count; i++) define(object, d.string(), d.value());
}

/** Sets a property of its own, past setters and read-only properties of the prototype. */
export function define(object: object, key: string, value: unknown, enumerable = true): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable, configurable: true });
}

export function writeMap(e: Encoding, map: Map<unknown, unknown>): void {
  e.byte(MAP);
  e.varint(map.size);
  for (const [key, item] of map) {
    e.value(key);
    e.value(item);
  }
}

export function readMap(d: Decoding): Map<unknown, unknown> {
  const map = d.container(new Map());
  const size = d.count();
  for (let i = 0; i < size; i++) map.set(d.value(), d.value());
  return map;
}

export function writeSet(e: Encoding, set: Set<unknown>): void {
  e.byte(SET);
  e.varint(set.size);
  for (const item of set) e.value(item);
}

export function readSet(d: Decoding): Set<unknown> {
  const set = d.container(new Set());
  const size = d.count();
  for (let i = 0; i < size; i++) set.add(d.value());
  return set;
}

/** The containers that can be made before their contents are known. */
const DEFERRABLE: (new () => object)[] = [Object, Array, Map, Set];

/** Writes an empty container, when the object is one whose contents can follow after the whole value. */
export function writeDeferred(e: Encoding, object: object): boolean {
  const kind = DEFERRABLE.findIndex(({ prototype }) => Object.getPrototypeOf(object) === prototype);
  if (kind < 0 || Symbol.toStringTag in object !== kind > 1) return false;
  e.byte(LATER);
  e.byte(kind);
  return true;
}

export function readDeferred(d: Decoding): object {
  const Container = DEFERRABLE[d.bytes[d.position++]];
  if (Container === undefined)
    throw new RangeError(`A message holds a container of an unknown kind (at ${d.position - 1}).`);
  return d.defer(new Container());
}
