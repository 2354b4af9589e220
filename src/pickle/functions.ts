/**
 * Functions and classes: by name where the other side has or can import them, else as source text with what they
 * capture. What is found out about a function is kept with it; sending it again copies the bytes.
 */

import { types } from 'node:util';
import { withWholeBuffers } from './binary.ts';
import { findBuiltin, isNative } from './builtins.ts';
import { type Code, codeOf } from './code.ts';
import { writeCode } from './code-writer.ts';
import type { Encoding } from './encoding.ts';
import { identityOf } from './identity.ts';
import { inspectFunction } from './inspector.ts';
import { writeBuiltin, writeReference, writeTagged } from './links.ts';
import { refuseCode } from './network-scope.ts';
import { tagOfClass } from './reducer.ts';
import { findExport, isImportable, type Reference, scriptUrl } from './references.ts';
import { InternalFunction, refuse } from './refuse.ts';
import { LINK, LINK_CODE } from './wire.ts';

/** A function by value, encoded: a numbering of objects of its own, and what must go with it each time. */
interface CodeForm {
  bytes: Uint8Array;
  references: object[];
  modules: string[];
}
interface Known {
  reference?: Reference;
  thread?: CodeForm;
  process?: CodeForm;
}

const known = new WeakMap<object, Known>();

export function writeFunction(e: Encoding, f: (...args: never[]) => unknown): void {
  if (e.scope === 'network') refuseCode(e, f);
  const entry = known.get(f);
  if (entry !== undefined) {
    if (entry.reference !== undefined) {
      writeReference(e, entry.reference);
      return;
    }
    const form = entry[e.scope as 'thread' | 'process'];
    if (form !== undefined && !e.inFunction) {
      writeForm(e, f, form);
      return;
    }
  }
  const tag = tagOfClass(f);
  if (tag !== undefined) {
    writeTagged(e, tag);
    return;
  }
  if (types.isProxy(f)) refuse(e, f, 'is a Proxy', 'Send the function behind it.');
  if (isNative(f)) {
    if (!writeAsBuiltin(e, f)) refuseNative(e, f);
    return;
  }

  const view = inspectFunction(f);
  if (view.script.url.startsWith('node:')) {
    if (!writeAsBuiltin(e, f)) throw new InternalFunction(e, f);
    return;
  }
  const reference = findExport(f, view, () => codeOf(e, f, view).start);
  if (reference !== undefined) {
    known.set(f, { reference });
    writeReference(e, reference);
    return;
  }
  const code = codeOf(e, f, view);
  if (e.inFunction) {
    e.byte(LINK);
    e.byte(LINK_CODE);
    e.string(identityOf(f));
    writeCode(e, f, code);
    return;
  }
  const form = encodeForm(e, f, code);
  known.set(f, { ...entry, [e.scope]: form });
  writeForm(e, f, form);
}

/** Looks for the function among those of the platform, which takes some time at first: it is known to be one. */
function writeAsBuiltin(e: Encoding, f: object): boolean {
  const builtin = findBuiltin(f);
  if (builtin !== undefined) writeBuiltin(e, builtin);
  return builtin !== undefined;
}

/** The name of a function in messages: its own, or where it was met. */
function shownName(e: Encoding, f: { name: string }): string {
  return f.name || e.path(f);
}

function encodeForm(outer: Encoding, f: (...args: never[]) => unknown, code: Code): CodeForm {
  const e = outer.nested();
  try {
    e.begin(outer.scope, f, shownName(outer, f));
    e.inFunction = true;
    withWholeBuffers(e, () => {
      e.numberOf(f);
      writeCode(e, f, code);
    });
    return { bytes: e.written().slice(), references: e.references, modules: e.modules };
  } finally {
    e.end();
  }
}

function writeForm(e: Encoding, f: object, form: CodeForm): void {
  e.byte(LINK);
  e.byte(LINK_CODE);
  e.string(identityOf(f));
  e.block(form.bytes);
  for (const reference of form.references) e.addReference(reference);
  for (const module of form.modules) e.addModule(module);
}

function refuseNative(e: Encoding, f: { name: string }): never {
  if (f.name.startsWith('bound ')) {
    refuse(
      e,
      f,
      'is a bound function, whose target and arguments cannot be read',
      'Send the function and its arguments, or an arrow function that calls it.',
    );
  }
  refuse(e, f, 'is a native function', 'Send a function of yours that calls it.');
}

/** A module namespace object: the module is imported on the other side. */
export function writeNamespace(e: Encoding, namespace: object): void {
  if (e.scope === 'network') refuseCode(e, namespace);
  const exports = namespace as Record<string, unknown>;
  if (typeof exports.default === 'object' && exports.default !== null) {
    const builtin = findBuiltin(exports.default);
    if (builtin !== undefined && builtin.module !== '' && builtin.path.length === 0) {
      writeBuiltin(e, builtin);
      return;
    }
  }
  for (const name of Object.keys(exports)) {
    const f = exports[name];
    if (typeof f !== 'function' || isNative(f)) continue;
    const view = inspectFunction(f);
    const url = scriptUrl(view.script.url);
    const reference = findExport(f, view, () => codeOf(e, f as () => unknown, view).start);
    if (reference?.name === name && !reference.commonjs && isImportable(url)) {
      writeReference(e, { ...reference, name: '*' });
      return;
    }
  }
  refuse(
    e,
    namespace,
    'is a module that cannot be told from its exports',
    'Send its URL and import() it on the other side.',
  );
}
