/**
 * Instances of classes: the class, what a built-in base class or a reducer holds, and the fields. No constructor runs
 * on the other side.
 */

import { types } from 'node:util';
import { isBuiltinClass } from './builtins.ts';
import { define, readProperties, writeProperties } from './collections.ts';
import type { Decoding } from './decoding.ts';
import type { Encoding } from './encoding.ts';
import { refuseInstance, refuseShared } from './network-scope.ts';
import { hasPrivateState } from './private-state.ts';
import { type AnyReducer, reducerByTag } from './reducer.ts';
import { InternalFunction, refuse } from './refuse.ts';
import { DERIVED, INSTANCE, REDUCED, UNDEFINED } from './wire.ts';

/** Writes what a built-in class keeps inside its object, or gives false for an ordinary one. */
export type WriteBase = (e: Encoding, object: object) => boolean;

const ARRAY_INDEX = /^\d+$/;

/** The class of a prototype, when there is one. */
export function classOf(prototype: object): (new (...args: never[]) => object) | undefined {
  const cls = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return typeof cls === 'function' && cls.prototype === prototype ? cls : undefined;
}

export function writeReduced(e: Encoding, object: object, reducer: AnyReducer): void {
  if ((e.scope === 'network' || e.scope === 'cluster') && reducer.network !== true) refuseShared(e, object);
  e.frames[e.frames.length - 1].current = object;
  const state = reducer.dump(object, e);
  if (e.open.has(object)) refuse(e, object, 'refers to itself from its own state', 'Break the cycle.');
  e.byte(REDUCED);
  e.string(reducer.tag);
  e.open.add(object);
  e.within(object, '', state);
  e.open.delete(object);
}

export function readReduced(d: Decoding): object {
  const slot = d.hold();
  const tag = d.string();
  const state = d.value();
  const reducer = reducerByTag(tag);
  if (reducer === undefined) throw new TypeError(`A message holds a "${tag}", which this thread does not know.`);
  const object = reducer.load(state);
  d.fill(slot, object);
  return object;
}

/** An instance of a class other than the built-in ones. */
export function writeInstance(
  e: Encoding,
  object: object,
  prototype: object,
  reducer: AnyReducer | undefined,
  writeBase: WriteBase,
): void {
  const cls = classOf(prototype);
  if (cls === undefined && reducer === undefined) {
    writeDerived(e, object, prototype);
    return;
  }
  if (cls === undefined) refuse(e, object, 'has lost its class', 'Keep the prototype as the class made it.');
  if (e.scope === 'network') {
    // What cannot be sent anywhere says so in its own words.
    checkSendable(e, object, prototype);
    refuseInstance(e, object, cls.name);
  }
  if (reducer === undefined) checkSendable(e, object, prototype);
  checkPrivate(e, object, cls);
  e.byte(INSTANCE);
  // Each level of instances needs twice the stack of a plain object's.
  e.depth++;
  const depth = e.frames.length;
  try {
    e.within(object, '.constructor', cls);
  } catch (error) {
    if (!(error instanceof InternalFunction)) throw error;
    e.frames.length = depth;
    refuseObject(e, object, cls.name);
  }
  if (reducer !== undefined) {
    writeReduced(e, object, reducer);
    writeProperties(e, object);
  } else if (!writeBase(e, object)) {
    e.byte(UNDEFINED);
    writeProperties(e, object);
  } else if (Array.isArray(object) || types.isNativeError(object)) {
    // Their own form holds the properties.
    e.varint(0);
  } else {
    const isView = ArrayBuffer.isView(object);
    writeProperties(e, object, (key) => isView && ARRAY_INDEX.test(key));
  }
  e.depth--;
}

export function readInstance(d: Decoding): object {
  const slot = d.hold();
  const { prototype } = d.value() as { prototype: object };
  let object: object;
  if (d.bytes[d.position] === UNDEFINED) {
    d.position++;
    object = Object.create(prototype);
    d.fill(slot, object);
  } else {
    object = d.valueInto(slot) as object;
    if (!Object.prototype.isPrototypeOf.call(prototype, object)) Object.setPrototypeOf(object, prototype);
  }
  readProperties(d, object);
  return object;
}

/** An object made with `Object.create(other)`. */
function writeDerived(e: Encoding, object: object, prototype: object): void {
  checkSendable(e, object, prototype);
  e.byte(DERIVED);
  e.within(object, '.__proto__', prototype);
  const names = Object.getOwnPropertyNames(object);
  e.varint(names.length);
  for (const name of names) {
    e.string(name);
    e.byte(Object.prototype.propertyIsEnumerable.call(object, name) ? 1 : 0);
    e.value((object as Record<string, unknown>)[name]);
  }
}

export function readDerived(d: Decoding): object {
  const object = {};
  d.add(object);
  Object.setPrototypeOf(object, d.value() as object);
  const count = d.count();
  for (let i = 0; i < count; i++) {
    const name = d.string();
    const enumerable = d.bytes[d.position++] === 1;
    define(object, name, d.value(), enumerable);
  }
  return object;
}

/** What to do instead, for the kinds of objects that people try to send. */
const ADVICE: [RegExp, string][] = [
  [/Promise/, 'Await it first and send what it gives.'],
  [/Weak/, 'Use a Map or a Set, or make it on the other side.'],
  [/Generator|Iterator/, 'It is running here: send its function, or an array of its values.'],
  [
    /Socket|Server|Stream|Handle|Channel|Port|Request|Response|Agent/,
    'Send what is needed to open it on the other side.',
  ],
  [/Timeout|Immediate/, 'Start the timer on the other side.'],
  [/AbortSignal|AbortController/, 'Use an Event of threadwork.'],
];

export function refuseObject(e: Encoding, object: object, kind: string): never {
  const advice = ADVICE.find(([pattern]) => pattern.test(kind))?.[1] ?? 'Make it on the other side from plain data.';
  refuse(e, object, `is ${/^[aeiou]/i.test(kind) ? 'an' : 'a'} ${kind}, bound to this thread`, advice);
}

/** Refuses objects that the engine or Node keeps alive with state that no property shows. */
function checkSendable(e: Encoding, object: object, prototype: object): void {
  const bound = boundKind(object);
  if (bound !== undefined) refuseObject(e, object, bound);
  for (let p: object | null = prototype; p !== null; p = Object.getPrototypeOf(p)) {
    const cls = classOf(p);
    if (cls === undefined || !isBuiltinClass(cls)) continue;
    if (SENDABLE_BASES.has(cls.name)) return;
    refuseObject(e, object, kindOf(object, cls));
  }
}

/** Some classes of Node are not to be found anywhere, but their objects say what they are. */
function kindOf(object: object, cls: { name: string }): string {
  const direct = classOf(Object.getPrototypeOf(object));
  if (direct !== undefined && isBuiltinClass(direct)) return direct.name;
  const tag = Object.prototype.toString.call(object).slice(8, -1);
  return tag === 'Object' ? cls.name : tag;
}

const SENDABLE_BASES = new Set(
  `Object EventEmitter Map Set Array Date RegExp ArrayBuffer DataView Buffer URL Number String Boolean BigInt Symbol
   Error EvalError RangeError ReferenceError SyntaxError TypeError URIError AggregateError AssertionError TypedArray
   Uint8Array Int8Array Uint8ClampedArray Uint16Array Int16Array Uint32Array Int32Array Float16Array Float32Array
   Float64Array BigInt64Array BigUint64Array`.split(/\s+/),
);

function boundKind(object: object): string | undefined {
  if (types.isPromise(object)) return 'Promise';
  if (types.isWeakMap(object)) return 'WeakMap';
  if (types.isWeakSet(object)) return 'WeakSet';
  if (object instanceof WeakRef) return 'WeakRef';
  if (types.isGeneratorObject(object)) return 'Generator';
  if (types.isMapIterator(object) || types.isSetIterator(object)) return 'Iterator';
  if (types.isProxy(object)) return 'Proxy';
  if (types.isExternal(object)) return 'external value';
  return undefined;
}

function checkPrivate(e: Encoding, object: object, cls: object): void {
  const name = hasPrivateState(cls);
  if (name === undefined) return;
  refuse(
    e,
    object,
    `has private state (${name}), which nothing outside its class can read`,
    'Use ordinary fields, or send plain data and make the object on the other side.',
  );
}
