/** Whether a function or a module's exports can be imported on the other side, and under which name. */

import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FunctionView } from './inspector.ts';
import { hasLoaderOptions } from './loader-options.ts';
import { isMainModule } from './main-module.ts';
import { moduleShape } from './module-shape.ts';
import { loadLoaded } from './modules.ts';
import { typescriptLoads } from './typescript.ts';

/** An export: of a module by `import`, or of `module.exports` by `require`. */
export interface Reference {
  module: string;
  /** The export's name; '' is `module.exports` itself, '*' the whole namespace. */
  name: string;
  commonjs: boolean;
}

let cache: NodeJS.Dict<NodeJS.Module> | undefined;

function commonjsModules(): NodeJS.Dict<NodeJS.Module> {
  cache ??= createRequire(import.meta.url).cache;
  return cache;
}

/** The URL of a script: the engine has a path for CommonJS and a URL for ES modules. */
export function scriptUrl(url: string): string {
  return /^(\/|[A-Za-z]:[\\/])/.test(url) ? pathToFileURL(url).href : url;
}

/** Whether the other side can import a file. */
export function isImportable(url: string): boolean {
  if (!url.startsWith('file:') || isMainModule(url)) return false;
  return !/\.[cm]?tsx?(\?|$)/.test(url) || typescriptLoads(url);
}

/**
 * The export that *is* this function, when the other side can import it. `startOf` tells where the function begins in
 * its script, which takes a parser.
 */
export function findExport(f: object, view: FunctionView, startOf: () => number): Reference | undefined {
  const url = scriptUrl(view.script.url);
  if (!isImportable(url)) return undefined;
  const scope = view.scopes.find(({ kind }) => kind === 'Module');
  if (scope === undefined || !view.script.isModule) return findCommonjsExport(f, url);
  const exports = exportsOf(url);
  if (exports === 'still running') return undefined;
  if (exports !== 'unknown') {
    const name = nameAmong(exports, f);
    return name === undefined ? undefined : { module: url, name, commonjs: false };
  }
  const shape = moduleShape(view.script);
  for (const [local, name] of shape.exports) {
    if (readVariable(scope.variables, local) === f) return { module: url, name, commonjs: false };
  }
  const range = shape.anonymousDefault;
  // The expression of an anonymous default export is evaluated once, so its place identifies the function.
  if (range !== undefined && startOf() === range[0]) return { module: url, name: 'default', commonjs: false };
  return undefined;
}

/**
 * What an ES module exports, or that it has not come to its end yet: imported on the other side it would come here
 * again, send the same function, and so on. Asking costs little when the module is loaded; what might load it again is
 * not asked about, and one with top-level await does not answer.
 */
function exportsOf(url: string): object | 'still running' | 'unknown' {
  if (!/\.m?js$/.test(url) || hasLoaderOptions()) return 'unknown';
  try {
    return loadLoaded(url);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_REQUIRE_CYCLE_MODULE' ? 'still running' : 'unknown';
  }
}

/** The name of the export that is this function. */
function nameAmong(exports: object, f: object): string | undefined {
  return Object.keys(exports).find((name) => readVariable(exports as Record<string, unknown>, name) === f);
}

function readVariable(variables: Record<string, unknown>, name: string): unknown {
  try {
    return variables[name];
  } catch {
    // Not initialised yet, or a getter that throws: no export that could be imported.
    return undefined;
  }
}

function findCommonjsExport(f: object, url: string): Reference | undefined {
  const module = commonjsModules()[fileURLToPath(url)];
  // A module that is still running would run again on the other side, up to here and further.
  if (module === undefined || !module.loaded) return undefined;
  if (module.exports === f) return { module: url, name: '', commonjs: true };
  const name = nameAmong(Object(module.exports), f);
  return name === undefined ? undefined : { module: url, name, commonjs: true };
}

/** The CommonJS module whose `module.exports` is this object. */
export function findCommonjsModule(exports: object): Reference | undefined {
  for (const [path, module] of Object.entries(commonjsModules())) {
    if (module?.exports !== exports || !module.loaded) continue;
    const url = pathToFileURL(path).href;
    return isImportable(url) ? { module: url, name: '', commonjs: true } : undefined;
  }
  return undefined;
}
