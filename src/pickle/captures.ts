/** What the free variables of a function hold, and how each of them travels. */

import { types } from 'node:util';
import type { FreeVariable } from './analysis.ts';
import { findBuiltin } from './builtins.ts';
import { type Code, IMPORT_META } from './code.ts';
import { isUninitialised } from './declarations.ts';
import type { Encoding } from './encoding.ts';
import { ownGlobal } from './globals.ts';
import { importOf } from './module-shape.ts';
import { moduleName } from './modules.ts';
import { findReducer } from './reducer.ts';
import { findCommonjsModule, isImportable, scriptUrl } from './references.ts';
import { refuse } from './refuse.ts';

/** The value of a captured variable, in the form in which it travels. */
export type Cell =
  | { kind: 'value'; value: unknown }
  | { kind: 'shared'; value: object }
  | { kind: 'import'; module: string; name: string; commonjs: boolean }
  | { kind: 'require' | 'dynamicImport' | 'importMeta'; url: string }
  | { kind: 'chain'; properties: Map<string, Cell> };

export interface Capture {
  name: string;
  eager: boolean;
  cell: Cell;
}

/** Later engines refuse to show a variable before its declaration has run; earlier ones show undefined. */
const SHOWS_UNINITIALISED = Number.parseInt(process.versions.v8, 10) >= 13;

/** The helpers that vite puts in place of `import()` and `import.meta`. */
const DYNAMIC_IMPORT = /^__(?:vite_ssr|vi)_dynamic_import__$/;
const VITE_META = /^__(?:vite_ssr|vi)_import_meta__$/;
/** What bundlers and compilers call the object that an import became. */
const IMPORT_NAME = /^(?:__(?:vite_ssr|vi)_import_\d+__|import_\w+|\w+_\d+|exports)$/;
const VITE_IMPORT = /^__(?:vite_ssr|vi)_import_\d+__$/;

/** The captured variables of a function, those that a class needs for its definition first. */
export function captureAll(e: Encoding, f: object, code: Code): Capture[] {
  const captures: Capture[] = [];
  const url = scriptUrl(code.view.script.url);
  if (code.base !== undefined) {
    captures.push({ name: code.base, eager: true, cell: { kind: 'value', value: Object.getPrototypeOf(f) } });
  }
  if (code.analysis.importMetas.length > 0) {
    captures.push({ name: IMPORT_META, eager: true, cell: { kind: 'importMeta', url } });
  }
  for (const variable of code.analysis.free) {
    if (variable.name === code.base) continue;
    const cell = capture(e, f, code, variable, url);
    if (cell !== undefined) captures.push({ name: variable.name, eager: variable.eager, cell });
  }
  return captures.sort((a, b) => Number(b.eager) - Number(a.eager));
}

function capture(e: Encoding, f: object, code: Code, variable: FreeVariable, url: string): Cell | undefined {
  const { name } = variable;
  if (DYNAMIC_IMPORT.test(name)) return { kind: 'dynamicImport', url };
  if (VITE_META.test(name)) return { kind: 'importMeta', url };
  const scope = code.view.scopes.find(({ variables }) => name in variables);
  if (scope === undefined) return captureGlobal(variable, url);
  const value = readVariable(e, f, code, name, scope.variables);
  if (variable.assignedAt >= 0 && !isSpent(f, scope.variables)) refuseAssignment(e, f, code, variable);
  if (scope.kind === 'Module') {
    const binding = importOf(code.view.script, name);
    if (binding !== undefined) {
      const module = moduleName(binding.specifier, url);
      if (loadsElsewhere(module)) return { kind: 'import', module, name: binding.name, commonjs: false };
    }
  }
  return cellOf(value, variable.name, variable.whole ? undefined : variable.chains, url);
}

/**
 * esbuild runs a module of a bundle when it is first asked for, through a helper that assigns to what it captured. Once
 * that has happened the helper only gives the result.
 */
function isSpent(f: object, variables: Record<string, unknown>): boolean {
  const { name } = f as { name: string };
  if (name === '__init') return variables.fn === 0;
  return name.startsWith('__require') && typeof variables.mod === 'object';
}

function readVariable(e: Encoding, f: object, code: Code, name: string, variables: Record<string, unknown>): unknown {
  try {
    const value = variables[name];
    if (value !== undefined || SHOWS_UNINITIALISED || !isUninitialised(code.view.script, name, code.start))
      return value;
  } catch {
    // The engine will not show it.
  }
  refuse(e, f, `uses the variable "${name}", which has no value yet`, `Send it after "${name}" is initialised.`);
}

/** Whether the other side can import what this module imports. */
function loadsElsewhere(module: string): boolean {
  if (!module.startsWith('file:')) return true;
  return isImportable(module);
}

function captureGlobal({ name }: FreeVariable, url: string): Cell | undefined {
  const global = ownGlobal(name);
  return global && (name === 'require' ? { kind: 'require', url } : { kind: 'value', value: global.value });
}

/** How a value travels that a variable, or a property in a chain, holds. */
function cellOf(value: unknown, name: string, chains: string[][] | undefined, url: string): Cell {
  if (name === 'require' || name === '__require') {
    if (typeof value === 'function') return { kind: 'require', url };
  }
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return { kind: 'value', value };
  if (!types.isProxy(value) && findBuiltin(value) !== undefined) return { kind: 'value', value };
  const commonjs = findCommonjsModule(value);
  if (commonjs !== undefined) return { kind: 'import', ...commonjs };
  if (chains !== undefined && chains.length > 0 && isImportObject(value, name)) return chainOf(value, chains, url);
  if (typeof value === 'function') return { kind: 'value', value };
  if (types.isProxy(value) || types.isModuleNamespaceObject(value) || findReducer(value))
    return { kind: 'value', value };
  return { kind: 'shared', value };
}

/** Whether an object stands for a module, so that only what is used of it matters. */
function isImportObject(value: object, name: string): boolean {
  if (VITE_IMPORT.test(name) || types.isModuleNamespaceObject(value)) return true;
  if (types.isProxy(value)) return false;
  const tag = Object.getOwnPropertyDescriptor(value, Symbol.toStringTag)?.value;
  if (tag === 'Module' || Object.getOwnPropertyDescriptor(value, '__esModule')?.value === true) return true;
  if (!IMPORT_NAME.test(name)) return false;
  if (name === 'exports') return true;
  // What esbuild's __toESM makes: nothing but getters, and a default.
  const descriptors = Object.values(Object.getOwnPropertyDescriptors(value));
  return descriptors.length > 0 && 'default' in value && descriptors.some(({ get }) => get !== undefined);
}

function chainOf(value: object, chains: string[][], url: string): Cell {
  const properties = new Map<string, Cell>();
  for (const name of new Set(chains.map(([first]) => first))) {
    const rest = chains.filter(([first]) => first === name).map(([, ...more]) => more);
    const item = (value as Record<string, unknown>)[name];
    const used = rest.every((chain) => chain.length > 0) ? rest : undefined;
    properties.set(name, cellOf(item, 'default', used, url));
  }
  return { kind: 'chain', properties };
}

function refuseAssignment(e: Encoding, f: object, code: Code, { name, assignedAt }: FreeVariable): never {
  refuse(
    e,
    f,
    `assigns to the captured variable "${name}" (${code.view.script.url}:${lineOf(f, code, assignedAt)}), but would change only its own copy`,
    `Keep what is shared in a Value: new Value('i', 0).`,
  );
}

/** The line of an offset in a function's own text; the text that is sent may have other spaces and line feeds. */
function lineOf(f: object, code: Code, offset: number): number {
  let visible = Function.prototype.toString.call(f).slice(0, offset).replace(/\s/g, '').length;
  let line = code.line + 1;
  for (const character of code.text) {
    if (character === '\n') line++;
    else if (/\S/.test(character) && visible-- === 0) break;
  }
  return line;
}
