/** Functions and modules that are sent for the first time: the engine is asked what they are, and their text is read. */

import { types } from 'node:util';
import { withWholeBuffers } from './binary.ts';
import { findBuiltin, isNative } from './builtins.ts';
import { type Code, codeOf } from './code.ts';
import { writeCode } from './code-writer.ts';
import type { Encoding } from './encoding.ts';
import { type CodeForm, formOf, keepForm, writeForm } from './function-form.ts';
import { identityOf } from './identity.ts';
import { inspectFunction } from './inspector.ts';
import { writeBuiltin, writeReference } from './links.ts';
import { refuseCode } from './network-scope.ts';
import { findCommonjsModule, findExport, isImportable, scriptUrl } from './references.ts';
import { InternalFunction, refuse } from './refuse.ts';
import { LINK, LINK_CODE } from './wire.ts';

/** Writes a function that is no class of the library, and keeps what it finds out. */
export function writeUnknownFunction(e: Encoding, f: (...args: never[]) => unknown): void {
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
    keepForm(f, { reference });
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
  if (e.relocation === null) keepForm(f, { ...formOf(f), [e.scope]: form });
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
    e.relocation = outer.relocation;
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
  if (Object(exports.default) === exports.default) {
    const builtin = findBuiltin(exports.default as object);
    if (builtin !== undefined && builtin.module !== '' && builtin.path.length === 0) {
      writeBuiltin(e, builtin);
      return;
    }
    const commonjs = findCommonjsModule(exports.default as object);
    if (commonjs !== undefined) {
      writeReference(e, { ...commonjs, name: '*', commonjs: false });
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
