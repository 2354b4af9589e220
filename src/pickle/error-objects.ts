/**
 * Errors: class, message, stack, and every property of their own. An error must always get through, so what cannot be
 * sent of it is replaced: the class by its nearest base class that can, a property by a text that shows it.
 */

import { PicklingError } from '../errors.ts';
import { define } from './collections.ts';
import type { Decoding } from './decoding.ts';
import type { Encoding } from './encoding.ts';
import { classOf } from './instances.ts';
import { writeNetworkClass } from './network-scope.ts';
import { show } from './refuse.ts';
import { ERROR } from './wire.ts';

export function writeError(e: Encoding, error: Error): void {
  e.byte(ERROR);
  const name = String(error.name);
  const cls = writeClass(e, error);
  const keys = Object.getOwnPropertyNames(error).filter((key) => key !== 'stack');
  // With the class its name is lost as well, unless the error has it itself.
  const ownName = !keys.includes('name') && cls.prototype.name !== name;
  e.value(readStack(error));
  e.varint(keys.length + (ownName ? 1 : 0));
  if (ownName) {
    e.string('name');
    e.byte(0);
    e.string(name);
  }
  for (const key of keys) {
    e.string(key);
    e.byte(Object.prototype.propertyIsEnumerable.call(error, key) ? 1 : 0);
    writeOrShow(e, error, key);
  }
}

function readStack(error: Error): string | undefined {
  try {
    return typeof error.stack === 'string' ? error.stack : undefined;
  } catch {
    return undefined;
  }
}

function writeClass(e: Encoding, error: Error): { prototype: Error } {
  for (let p = Object.getPrototypeOf(error); p !== null; p = Object.getPrototypeOf(p)) {
    const cls = classOf(p) as unknown as { prototype: Error } | undefined;
    if (cls === undefined) continue;
    if (e.scope === 'network') {
      if (!writeNetworkClass(e, cls)) continue;
      return cls;
    }
    const mark = e.mark();
    try {
      e.within(error, '.constructor', cls);
      return cls;
    } catch (failure) {
      if (!(failure instanceof PicklingError)) throw failure;
      e.rollBack(mark);
    }
  }
  if (e.scope === 'network') writeNetworkClass(e, Error);
  else e.value(Error);
  return Error;
}

function writeOrShow(e: Encoding, error: Error, key: string): void {
  const mark = e.mark();
  let value: unknown;
  try {
    value = (error as unknown as Record<string, unknown>)[key];
    e.value(value);
  } catch (failure) {
    if (!(failure instanceof Error)) throw failure;
    e.rollBack(mark);
    e.value(show(value));
  }
}

export function readError(d: Decoding): Error {
  const slot = d.hold();
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  d.fill(slot, error);
  const cls = d.errorClass();
  Object.setPrototypeOf(error, cls.prototype);
  const stack = d.value();
  define(error, 'stack', stack, false);
  for (let i = d.count(); i > 0; i--) {
    const key = d.string();
    const enumerable = d.bytes[d.position++] === 1;
    define(error, key, d.value(), enumerable);
  }
  return error;
}
