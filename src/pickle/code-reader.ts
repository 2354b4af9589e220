/** Makes the functions and classes that code-writer.ts wrote. */

import { define } from './collections.ts';
import type { Decoding } from './decoding.ts';
import { type Instance, instantiate } from './factory.ts';
import { dropIdentity, findIdentical, setIdentity } from './identity.ts';
import { importMeta } from './import-meta.ts';
import { importFrom, requireFrom } from './modules.ts';
import { readNamed } from './named.ts';
import * as wire from './wire.ts';

type AnyFunction = (...args: never[]) => unknown;

/** Reads a function by value, or takes the one that this thread has under the same identity. */
export function readCode(d: Decoding, slot: number): unknown {
  const identity = d.string();
  const existing = findIdentical(identity);
  if (d.inFunction) return readBody(d, slot, identity, existing);
  const length = d.varint();
  const start = d.position;
  d.position = start + length;
  if (existing !== undefined) {
    d.fill(slot, existing);
    return existing;
  }
  const body = d.nested(d.bytes.subarray(start, start + length));
  body.inFunction = true;
  body.relocation = d.relocation;
  try {
    const f = readBody(body, body.hold(), identity, undefined);
    d.fill(slot, f);
    return f;
  } catch (error) {
    for (const name of body.identities) dropIdentity(name);
    throw error;
  }
}

function readBody(d: Decoding, slot: number, identity: string, existing: object | undefined): unknown {
  const flags = d.bytes[d.position++];
  const url = d.fileName();
  const line = d.varint();
  const column = d.varint();
  const text = d.string();
  const name = d.string();
  const variables: string[] = [];
  for (let i = d.varint(); i > 0; i--) variables.push(d.string());
  const eager = d.varint();
  // What is here already only has to be read past, since later parts may refer to objects inside it.
  const instance: Instance | undefined =
    existing === undefined
      ? instantiate({
          strict: (flags & wire.STRICT) !== 0,
          method: (flags & wire.METHOD) !== 0,
          laidOut: (flags & wire.LAID_OUT) !== 0,
          url,
          line,
          column,
          text,
          variables,
        })
      : undefined;
  let f = existing as AnyFunction | undefined;
  const create = () => {
    if (instance !== undefined) {
      f = newFunction(instance, flags, name);
      setIdentity(f, identity);
      d.noteIdentity(identity);
    }
    d.fill(slot, f);
  };
  if ((flags & wire.CLASS) === 0 || existing !== undefined) create();
  for (let i = 0; i < variables.length; i++) {
    if (i === eager && f === undefined) create();
    readCell(d, (value) => instance?.set(i, value));
  }
  if (f === undefined) create();
  readOwnProperties(d, existing === undefined ? (f as AnyFunction) : undefined);
  readPrototype(d, existing === undefined ? (f as AnyFunction) : undefined);
  return f;
}

function newFunction(instance: Instance, flags: number, name: string): AnyFunction {
  let f = instance.make() as AnyFunction;
  if (flags & wire.METHOD) {
    const [descriptor] = Object.values(Object.getOwnPropertyDescriptors(f as unknown as Record<string, AnyFunction>));
    f = (descriptor.value ?? descriptor.get ?? descriptor.set) as AnyFunction;
  }
  if (f.name !== name) Object.defineProperty(f, 'name', { value: name, configurable: true });
  return f;
}

/** Reads what a variable holds; `set` is called at once, or later for what is part of a cycle. */
function readCell(d: Decoding, set: (value: unknown) => void): void {
  const kind = d.bytes[d.position++];
  switch (kind) {
    case wire.CELL_VALUE:
      if (d.bytes[d.position] === wire.REFERENCE) {
        d.position++;
        d.whenReady(d.varint(), set);
        return;
      }
      set(d.value());
      return;
    case wire.CELL_SHARED: {
      const identity = d.string();
      const existing = findIdentical(identity);
      if (d.bytes[d.position] === wire.REFERENCE) {
        d.position++;
        d.whenReady(d.varint(), (value) => set(existing ?? value));
        return;
      }
      const value = d.value() as object;
      if (existing === undefined) {
        setIdentity(value, identity);
        d.noteIdentity(identity);
      }
      set(existing ?? value);
      return;
    }
    case wire.CELL_IMPORT:
      set(readNamed(d, d.bytes[d.position++]));
      return;
    case wire.CELL_REQUIRE:
      set(requireFrom(d.fileName()));
      return;
    case wire.CELL_DYNAMIC_IMPORT:
      set(importFrom(d.fileName()));
      return;
    case wire.CELL_IMPORT_META:
      set(importMeta(d.fileName()));
      return;
    case wire.CELL_CHAIN: {
      const object = {};
      for (let i = d.varint(); i > 0; i--) {
        const name = d.string();
        readCell(d, (value) => define(object, name, value));
      }
      set(object);
      return;
    }
    default:
      throw new RangeError(`A message holds a captured variable of the unknown kind ${kind}.`);
  }
}

function readOwnProperties(d: Decoding, f: AnyFunction | undefined): void {
  for (let i = d.varint(); i > 0; i--) {
    const key = d.string();
    const value = d.value();
    if (f !== undefined) define(f, key, value);
  }
}

function readPrototype(d: Decoding, f: AnyFunction | undefined): void {
  if (d.bytes[d.position++] === 0) return;
  const prototype = (f as unknown as { prototype: object } | undefined)?.prototype;
  const base = d.value() as object | undefined;
  if (base !== undefined && prototype !== undefined) Object.setPrototypeOf(prototype, base);
  for (let i = d.varint(); i > 0; i--) {
    const name = d.string();
    const enumerable = d.bytes[d.position++] === 1;
    const value = d.value();
    if (prototype !== undefined) define(prototype, name, value, enumerable);
  }
}
