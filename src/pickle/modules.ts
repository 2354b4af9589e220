/**
 * Modules that messages name. A module is named by its URL, or by a specifier and the URL of the module that imports
 * it (`lodash` means another file in another folder), with a line feed between them.
 */

import { fileURLToPath, pathToFileURL } from 'node:url';
import { types } from 'node:util';
import vm from 'node:vm';
import { hasLoaderOptions } from './loader-options.ts';

/** Whether `require()` takes ES modules: somebody may have switched that off. */
const REQUIRES_MODULES = (process.features as { require_module?: boolean }).require_module === true;

const loaded = new Map<string, object>();
let requireHere: NodeJS.Require | undefined;

/** Asked for when it is needed: to load it takes a thread of Node 24 more than a millisecond. */
const nodeModule = (): typeof import('node:module') => process.getBuiltinModule('node:module');

/** Whether a specifier names a module of Node, such as `fs` or `node:fs`. */
export function isBuiltin(specifier: string): boolean {
  return nodeModule().isBuiltin(specifier);
}

/** The name of a module that `parent` imports as `specifier`. */
export function moduleName(specifier: string, parent: string): string {
  if (specifier.startsWith('node:')) return specifier;
  if (isBuiltin(specifier)) return `node:${specifier}`;
  if (/^\.{0,2}\//.test(specifier)) return new URL(specifier, parent).href;
  if (URL.canParse(specifier)) return specifier;
  return `${specifier}\n${parent}`;
}

/** `import()` as the module at `parent` would do it. */
export function importFrom(parent: string): (specifier: string) => Promise<object> {
  quieten();
  return new vm.Script('(specifier) => import(specifier)', {
    filename: parent,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }).runInThisContext();
}

let quiet = false;
/**
 * The loader that makes import() work in a script warns, once, that it is experimental. The program did not ask for it
 * and can do nothing about it: the warning is spent here, where nobody hears it.
 */
export function quieten(): void {
  if (quiet) return;
  quiet = true;
  const spend = new vm.Script('import("node:module")', {
    filename: import.meta.url,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  withoutExperimentalWarnings(() => spend.runInThisContext());
}

function withoutExperimentalWarnings<T>(work: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = ((...args: unknown[]) => {
    const kind = typeof args[1] === 'string' ? args[1] : (args[1] as { type?: string } | undefined)?.type;
    if (kind !== 'ExperimentalWarning') (emitWarning as (...args: unknown[]) => void).apply(process, args);
  }) as typeof emitWarning;
  try {
    return work();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Imports a module, so that {@link loadModule} has it. */
export async function importModule(name: string): Promise<void> {
  if (loaded.has(name)) return;
  const required = requireModuleFile(name);
  if (required !== undefined) {
    loaded.set(name, required);
    return;
  }
  const [specifier, parent] = name.split('\n');
  // Not import() itself: this file may have been compiled from the engine's cache, which forgets how to import.
  const namespace = await importFrom(parent ?? import.meta.url)(specifier);
  loaded.set(name, namespace);
}

/**
 * The namespace of an ES module by `require()`, which takes a new thread of Node 20 a millisecond where `import()`
 * takes nine; undefined where it would give something else than `import()`, or fails: that may be for the way alone.
 */
function requireModuleFile(name: string): object | undefined {
  if (!REQUIRES_MODULES || !/^file:[^?#\n]+\.m?js$/.test(name) || hasLoaderOptions()) return undefined;
  try {
    const module = loadLoaded(name);
    // One with a default export is shown in a wrapping that says so.
    return types.isModuleNamespaceObject(module) && !('__esModule' in module) ? module : undefined;
  } catch {
    return undefined;
  }
}

/** A module that was imported before, or is loaded now, without waiting. */
export function loadModule(name: string): object {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const namespace = requireModule(name);
  loaded.set(name, namespace);
  return namespace;
}

function requireModule(name: string): object {
  const [specifier, parent] = name.split('\n');
  try {
    return withoutExperimentalWarnings(() => {
      if (parent !== undefined) return nodeModule().createRequire(parent)(specifier);
      requireHere ??= nodeModule().createRequire(import.meta.url);
      return requireHere(specifier.startsWith('file:') ? filePath(specifier) : specifier);
    });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const shown = parent === undefined ? specifier : `${specifier} (imported by ${parent})`;
    if (code === 'ERR_REQUIRE_ASYNC_MODULE') {
      throw new Error(
        `The module ${shown} uses top-level await, so it cannot be loaded at once where a message is received ` +
          'without waiting. Import it before, or pass the function as the target or an argument.',
        { cause },
      );
    }
    if (code === 'MODULE_NOT_FOUND') throw new Error(`The module ${shown} was not found: ${message}`, { cause });
    throw cause;
  }
}

/** `require()` of a file, without the warning that it may be an ES module. */
export function loadLoaded(url: string): object {
  requireHere ??= nodeModule().createRequire(import.meta.url);
  const require = requireHere;
  return withoutExperimentalWarnings(() => require(fileURLToPath(url)));
}

function filePath(url: string): string {
  if (url.includes('?')) throw new Error(`The module ${url} must be imported before: its URL has a query.`);
  return fileURLToPath(url);
}

/** An export of a loaded module; '*' is all of it. */
export function exportOf(module: object, name: string, moduleShown: string): unknown {
  if (name === '*') return module;
  const exports = module as Record<string, unknown>;
  if (!types.isModuleNamespaceObject(module)) {
    // What require() gave: for import, the default export of CommonJS is module.exports.
    if (name === 'default' && !(exports.__esModule === true && 'default' in exports)) return module;
  }
  if (!(name in exports)) throw new ReferenceError(`The module ${moduleShown.split('\n')[0]} has no export "${name}".`);
  return exports[name];
}

/** `require` as the module at `url` has it. */
export function requireFrom(url: string): NodeJS.Require {
  return nodeModule().createRequire(
    url.startsWith('node:') || !/^(file:|\/|[A-Za-z]:\\)/.test(url) ? pathToFileURL(`${process.cwd()}/`) : url,
  );
}
