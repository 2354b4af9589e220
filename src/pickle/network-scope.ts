/**
 * What goes over a network connection: data, errors, and what a reducer says may go. A function is refused, by value as
 * by name: the name of a function of Node is enough to have it called (a promise calls the `then` of what it resolves
 * to), and a module that is imported is a program that is run. So neither is read, whoever sends it.
 *
 * The class of an error is the exception. It is named, one of JavaScript's own or of this library, and only where the
 * class of an error is expected.
 */

import * as library from '../errors.ts';
import type { Encoding } from './encoding.ts';
import { writeBuiltin, writeTagged } from './links.ts';
import { tagOfClass } from './reducer.ts';
import { refuse } from './refuse.ts';
import { REFERENCE } from './wire.ts';

type ErrorClass = { name: string; prototype: Error };

const BUILTIN: ErrorClass[] = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
];
const builtin = new Map(BUILTIN.map((cls) => [cls.name, cls]));
const ours = new Map<string, ErrorClass>();
for (const [name, value] of Object.entries(library)) {
  if (value.prototype instanceof Error && !builtin.has(name)) ours.set(name, value);
}

/** Writes the class of an error by its name; false when the other side cannot be told of it. */
export function writeNetworkClass(e: Encoding, cls: object): boolean {
  const { name } = cls as ErrorClass;
  const tag = tagOfClass(cls);
  const isOurs = tag !== undefined && ours.get(tag) === cls;
  if (!isOurs && builtin.get(name) !== cls) return false;
  const number = e.numberOf(cls);
  if (number >= 0) {
    e.byte(REFERENCE);
    e.varint(number);
  } else if (isOurs) writeTagged(e, tag);
  else writeBuiltin(e, { module: '', path: [name] });
  return true;
}

/** The class of an error, by the name that {@link writeNetworkClass} wrote. */
export function networkClass(kind: 'builtin' | 'ours', name: string): ErrorClass | undefined {
  return (kind === 'builtin' ? builtin : ours).get(name);
}

export function refuseCode(e: Encoding, value: object): never {
  refuse(
    e,
    value,
    typeof value === 'function' ? 'is code, and only data travels between programs' : 'belongs to this program',
    'Send the name of what is to be done, and let the other program choose the function.',
  );
}

/** Refuses an object of the library. */
export function refuseShared(e: Encoding, object: object): never {
  refuse(
    e,
    object,
    'is shared by the threads and processes of this program, and exists nowhere else',
    'Send plain data, or keep it in a manager that the other program connects to.',
  );
}

export function refuseInstance(e: Encoding, object: object, name: string): never {
  refuse(
    e,
    object,
    `is an instance of ${name}, and classes do not travel between programs`,
    'Send plain data, and make the object on the other side.',
  );
}
