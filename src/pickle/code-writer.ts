/** Writes a function or class as source text with its captured variables; code-reader.ts is the counterpart. */

import { type Cell, captureAll } from './captures.ts';
import type { Code } from './code.ts';
import { isTopLevel } from './declarations.ts';
import type { Encoding } from './encoding.ts';
import { identityOf } from './identity.ts';
import { refuse } from './refuse.ts';
import * as wire from './wire.ts';

type AnyFunction = (...args: never[]) => unknown;

export function writeCode(e: Encoding, f: AnyFunction, code: Code): void {
  const { analysis, view } = code;
  checkSurroundings(e, f, code);
  const captures = captureAll(e, f, code);
  let flags = code.strict ? wire.STRICT : 0;
  if (analysis.isClass) flags |= wire.CLASS;
  if (analysis.form === 'method') flags |= wire.METHOD;
  if (code.laidOut) flags |= wire.LAID_OUT;
  e.byte(flags);
  e.fileName(view.script.url);
  e.varint(code.line);
  e.varint(code.column);
  e.string(code.text);
  const name = Object.getOwnPropertyDescriptor(f, 'name')?.value;
  e.string(typeof name === 'string' ? name : '');
  e.varint(captures.length);
  for (const capture of captures) e.string(capture.name);
  e.varint(captures.filter(({ eager }) => eager).length);
  for (const { name, cell } of captures) writeCell(e, f, `captured variable "${name}"`, cell);
  writeOwnProperties(e, f, code);
  writePrototype(e, f, code);
}

function checkSurroundings(e: Encoding, f: AnyFunction, code: Code): void {
  const { usesThis, usesSuper, usesNewTarget, isArrow, free } = code.analysis;
  // At the top of an ES module `this` is undefined, here and there.
  if (usesThis && !(code.view.script.isModule && isTopLevel(code.view.script, code.start))) {
    refuse(
      e,
      f,
      'is an arrow function that uses the "this" around it',
      'Pass the object as an argument, or capture it in a variable.',
    );
  }
  if (usesSuper)
    refuse(
      e,
      f,
      'uses "super" outside its class',
      'Send an instance of the class, or an arrow function that calls the method.',
    );
  if (usesNewTarget) refuse(e, f, 'uses the "new.target" around it', 'Keep it in a variable.');
  if (isArrow && free.some(({ name }) => name === 'arguments')) {
    refuse(e, f, 'is an arrow function that uses the "arguments" around it', 'Use a rest parameter.');
  }
}

function writeCell(e: Encoding, owner: object, label: string, cell: Cell): void {
  switch (cell.kind) {
    case 'value':
      e.byte(wire.CELL_VALUE);
      e.within(owner, label, cell.value);
      return;
    case 'shared':
      e.byte(wire.CELL_SHARED);
      e.string(identityOf(cell.value));
      e.within(owner, label, cell.value);
      return;
    case 'import':
      e.byte(wire.CELL_IMPORT);
      e.byte(cell.commonjs ? wire.LINK_COMMONJS : wire.LINK_MODULE);
      e.addModule(cell.module);
      e.fileName(cell.module);
      e.string(cell.name);
      return;
    case 'require':
      e.byte(wire.CELL_REQUIRE);
      e.fileName(cell.url);
      return;
    case 'dynamicImport':
      e.byte(wire.CELL_DYNAMIC_IMPORT);
      e.fileName(cell.url);
      return;
    case 'importMeta':
      e.byte(wire.CELL_IMPORT_META);
      e.fileName(cell.url);
      return;
    case 'chain':
      e.byte(wire.CELL_CHAIN);
      e.varint(cell.properties.size);
      for (const [name, item] of cell.properties) {
        e.string(name);
        writeCell(e, owner, `${label}.${name}`, item);
      }
  }
}

/** What was put on a function: `f.cache = …`; of a class, what its body does not declare, and simple static values. */
function writeOwnProperties(e: Encoding, f: AnyFunction, code: Code): void {
  const declared = new Set(code.analysis.statics);
  const keys = Object.keys(f).filter((key) => {
    const descriptor = Object.getOwnPropertyDescriptor(f, key);
    if (descriptor === undefined || !('value' in descriptor)) return false;
    return !declared.has(key) || Object(descriptor.value) !== descriptor.value;
  });
  e.varint(keys.length);
  for (const key of keys) {
    e.string(key);
    e.within(f, `.${key}`, (f as unknown as Record<string, unknown>)[key]);
  }
}

/** The methods of a class that was written as a function: `Clock.prototype.tick = …`. */
function writePrototype(e: Encoding, f: AnyFunction, code: Code): void {
  const prototype = code.analysis.isClass ? undefined : Object.getOwnPropertyDescriptor(f, 'prototype')?.value;
  const isPlain = prototype === undefined || prototype === null || isUntouched(f, prototype);
  e.byte(isPlain ? 0 : 1);
  if (isPlain) return;
  const base = Object.getPrototypeOf(prototype);
  e.within(f, '.prototype.__proto__', base === Object.prototype ? undefined : base);
  const names = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
  e.varint(names.length);
  for (const name of names) {
    e.string(name);
    e.byte(Object.prototype.propertyIsEnumerable.call(prototype, name) ? 1 : 0);
    e.within(f, `.prototype.${name}`, prototype[name]);
  }
}

function isUntouched(f: AnyFunction, prototype: object): boolean {
  const names = Object.getOwnPropertyNames(prototype);
  const isGenerator = !Object.hasOwn(prototype, 'constructor');
  if (isGenerator) return true;
  return names.length === 1 && Object.getPrototypeOf(prototype) === Object.prototype && prototype.constructor === f;
}
