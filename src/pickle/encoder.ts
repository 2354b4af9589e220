import { types } from 'node:util';
import { refuseShared, writeArrayBuffer, writeView } from './binary.ts';
import { findBuiltin } from './builtins.ts';
import { writeArray, writeDeferred, writeMap, writeNullObject, writeObject, writeSet } from './collections.ts';
import { Encoding } from './encoding.ts';
import { writeError } from './error-objects.ts';
import { writeFunction } from './functions.ts';
import { refuseObject, writeInstance, writeReduced } from './instances.ts';
import { writeBuiltin } from './links.ts';
import { refuseCode } from './network-scope.ts';
import { findIdentity, findReducer, isReducedPrototype } from './reducer.ts';
import { refuse } from './refuse.ts';
import { writeBoxed, writeDate, writeRegExp, writeSymbol, writeUrl } from './scalars.ts';
import { writeNamespace } from './source.ts';
import { BIGINT, FALSE, NULL, REFERENCE, TRUE, UNDEFINED } from './wire.ts';

/** What is nested deeper follows after the whole value: it would need more stack than a reader may have. */
const DEEPEST = 700;

/** What few messages have is made when it is needed: setting the length of an array takes longer. */
const NOTHING: never[] = [];

const PLAIN = Object.prototype;
const ARRAY = Array.prototype;
const native = new Set<object>(
  [
    Map,
    Set,
    Date,
    RegExp,
    ArrayBuffer,
    DataView,
    Buffer,
    URL,
    Number,
    String,
    Boolean,
    BigInt,
    Symbol,
    Uint8Array,
    Int8Array,
    Uint8ClampedArray,
    Uint16Array,
    Int16Array,
    Uint32Array,
    Int32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
    (globalThis as { Float16Array?: { prototype: object } }).Float16Array,
  ].flatMap((cls) => (cls ? [cls.prototype] : [])),
);

/** Writes values of every kind. */
export class Encoder extends Encoding {
  /** Containers whose contents are still to be written. */
  #deferred: object[] = NOTHING;

  nested(): Encoder {
    return new Encoder();
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'number':
        this.number(value);
        return;
      case 'string':
        this.string(value);
        return;
      case 'boolean':
        this.byte(value ? TRUE : FALSE);
        return;
      case 'undefined':
        this.byte(UNDEFINED);
        return;
      case 'object':
        value === null ? this.byte(NULL) : this.#object(value);
        return;
      case 'function':
        this.#known(value) ? undefined : writeFunction(this, value as () => unknown);
        return;
      case 'bigint':
        this.byte(BIGINT);
        this.bigint(value);
        return;
      default:
        writeSymbol(this, value as symbol);
        return;
    }
  }

  #known(object: object): boolean {
    const number = this.numberOf(object);
    if (number < 0) return false;
    if (this.open.has(object)) refuse(this, object, 'refers to itself from its own state', 'Break the cycle.');
    this.byte(REFERENCE);
    this.varint(number);
    return true;
  }

  #object(object: object): void {
    if (this.#known(object)) return;
    if (++this.depth > DEEPEST) this.#tooDeep(object);
    else this.#contents(object);
    this.depth--;
  }

  #contents(object: object): void {
    if (types.isProxy(object)) {
      const reducer = findIdentity(object);
      if (reducer === undefined) refuseObject(this, object, 'Proxy');
      writeReduced(this, object, reducer);
      return;
    }
    const prototype = Object.getPrototypeOf(object);
    if (prototype === PLAIN) this.#plain(object);
    else if (prototype === ARRAY) writeArray(this, object as unknown[]);
    else this.#other(object, prototype);
  }

  /** Contents that are needed at once, the state of a reducer or of a function, cannot follow later. */
  #tooDeep(object: object): void {
    const canFollow = !this.inFunction && this.open.size === 0 && this.frames.length === 1 && !types.isProxy(object);
    if (canFollow && writeDeferred(this, object)) this.#follow(object);
    else refuse(this, this.frames[0].root, `is nested more than ${DEEPEST} levels deep`, 'Send a flat array instead.');
  }

  #follow(object: object): void {
    if (this.#deferred === NOTHING) this.#deferred = [object];
    else this.#deferred.push(object);
  }

  /** Writes a whole message. */
  message(value: unknown): void {
    this.#deferred = NOTHING;
    this.value(value);
    for (const object of this.#deferred) {
      this.depth = 0;
      this.#contents(object);
    }
    this.#deferred = NOTHING;
  }

  #plain(object: object): void {
    // Math, JSON and the like are plain objects too, but for their tag; modules of Node are met in captured variables.
    if (this.inFunction || Symbol.toStringTag in object || PLAIN_BUILTINS.has(object)) {
      const builtin = findBuiltin(object);
      if (builtin !== undefined) {
        if (this.scope === 'network') refuseCode(this, object);
        writeBuiltin(this, builtin);
        return;
      }
    }
    writeObject(this, object as Record<string, unknown>);
  }

  #other(object: object, prototype: object | null): void {
    if (prototype === null) {
      if (types.isModuleNamespaceObject(object)) {
        writeNamespace(this, object);
        return;
      }
      writeNullObject(this, object);
      return;
    }
    if (native.has(prototype)) {
      if (!writeNative(this, object)) refuseObject(this, object, 'prototype of a built-in class');
      return;
    }
    const reducer = findReducer(object);
    if (reducer !== undefined && (reducer.whole === true || isReducedPrototype(prototype))) {
      writeReduced(this, object, reducer);
      return;
    }
    if (reducer === undefined) {
      if (types.isNativeError(object)) {
        writeError(this, object);
        return;
      }
      if (object instanceof SharedArrayBuffer) refuseShared(this, object);
      const builtin = findBuiltin(object);
      if (builtin !== undefined) {
        if (this.scope === 'network') refuseCode(this, object);
        writeBuiltin(this, builtin);
        return;
      }
      // An error that Node has received from a worker is made with Object.create: no native one.
      if (object instanceof Error) {
        writeError(this, object);
        return;
      }
    }
    writeInstance(this, object, prototype, reducer, writeNative);
  }
}

const PLAIN_BUILTINS = new Set<object>([globalThis, Reflect, console]);

/** Writes what a built-in class keeps in its instances, those of subclasses included. */
function writeNative(e: Encoding, object: object): boolean {
  if (Array.isArray(object)) writeArray(e, object);
  else if (types.isMap(object)) writeMap(e, object);
  else if (types.isSet(object)) writeSet(e, object);
  else if (types.isDate(object)) writeDate(e, object);
  else if (types.isRegExp(object)) writeRegExp(e, object);
  else if (ArrayBuffer.isView(object)) writeView(e, object as NodeJS.TypedArray);
  else if (types.isArrayBuffer(object)) writeArrayBuffer(e, object);
  else if (types.isBoxedPrimitive(object)) writeBoxed(e, object);
  else if (object instanceof URL) writeUrl(e, object);
  else return false;
  return true;
}
