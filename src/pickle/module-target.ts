/**
 * Functions named by their module: `{ module: new URL('./job.js', import.meta.url), export: 'run' }`.
 *
 * @module
 */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FileNotFoundError, ValueError } from '../errors.ts';
import { exportOf, importModule, isBuiltin, loadModule, requireFrom } from './modules.ts';
import { plainlyExports } from './plain-export.ts';
import { exportedNames } from './source.ts';

/** A function as an export of a module; the default export, when `export` is left out. */
export interface ModuleTarget {
  /** A `file:` URL, an absolute path, or the name of a package or of a module of Node. */
  module: URL | string;
  export?: string;
}

/** Whether a value is a {@link ModuleTarget}. */
export function isModuleTarget(value: unknown): value is ModuleTarget {
  if (typeof value !== 'object' || value === null || !('module' in value)) return false;
  const { module, export: name } = value as ModuleTarget;
  return (typeof module === 'string' || module instanceof URL) && (name === undefined || typeof name === 'string');
}

/**
 * Checks, without running the module, that it is there and has the export, and gives the target in a form that can be
 * sent. What only running it would show (CommonJS, TypeScript, `export *`) is left to the other side.
 *
 * @throws FileNotFoundError when there is no such module, ValueError when it has no such export
 */
export function checkModuleTarget(target: ModuleTarget): { module: string; export: string } {
  const name = target.export ?? 'default';
  const module = locate(String(target.module));
  if (!module.startsWith('file:')) return { module, export: name };
  const path = fileURLToPath(module);
  if (!existsSync(path) || !statSync(path).isFile()) throw new FileNotFoundError(`There is no module ${path}.`);
  const source = /\.m?js$/.test(path) ? readFileSync(path, 'utf8') : '';
  if (plainlyExports(source, name)) return { module, export: name };
  const names = source === '' ? undefined : namesIn(source);
  if (names !== undefined && !names.has(name)) {
    const known = names.size > 0 ? `It exports ${[...names].join(', ')}.` : 'It exports nothing.';
    throw new ValueError(`The module ${path} has no export "${name}". ${known}`);
  }
  return { module, export: name };
}

function locate(module: string): string {
  if (module.startsWith('node:')) return module;
  if (isBuiltin(module)) return `node:${module}`;
  if (isAbsolute(module)) return pathToFileURL(module).href;
  if (module.startsWith('.')) {
    throw new ValueError(
      `The module "${module}" is relative, but to what is unknown. Give new URL('${module}', import.meta.url).`,
    );
  }
  if (URL.canParse(module)) return module;
  const here = pathToFileURL(`${process.cwd()}/`).href;
  try {
    return pathToFileURL(requireFrom(here).resolve(module)).href;
  } catch (cause) {
    throw new FileNotFoundError(`There is no module "${module}" for ${process.cwd()}.`, { cause: cause as Error });
  }
}

/** The names that an ES module exports; undefined when its text does not say. */
function namesIn(source: string): Set<string> | undefined {
  try {
    return exportedNames(source);
  } catch {
    return undefined;
  }
}

/** Imports a checked target's function. */
export async function importModuleTarget(target: { module: string; export: string }): Promise<unknown> {
  await importModule(target.module);
  return exportOf(loadModule(target.module), target.export, target.module);
}
