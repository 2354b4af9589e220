/** Whether and how `.ts` files are loaded: by Node itself, or by tsx. */

import { pathToFileURL } from 'node:url';
import { isMainThread } from '../memory/role.ts';
import { nodeOptions } from './loader-options.ts';
import { importFrom, requireFrom } from './modules.ts';

const TSX = /(?:^|[\\/])tsx[\\/]dist[\\/]|^tsx(?:\/(?:esm|cjs))?$/;

/** The argument of `--import` (or `--require`, `--loader`) that names tsx, or undefined when tsx is not in use. */
function tsxOption(): string | undefined {
  for (const option of nodeOptions()) {
    const value = option.replace(/^--?[\w-]+=/, '');
    if (TSX.test(value)) return value;
  }
  return undefined;
}

function isNativelyTyped(): boolean {
  return Boolean((process.features as { typescript?: string | false }).typescript);
}

/** Whether another thread or process can import this TypeScript file. */
export function typescriptLoads(url: string): boolean {
  if (tsxOption() !== undefined) return true;
  return isNativelyTyped() && !/\.[jt]sx(\?|$)/.test(url) && !url.includes('/node_modules/');
}

let prepared: Promise<void> | undefined;

/**
 * Makes this thread able to import TypeScript when its program runs under tsx. On Node 20 tsx leaves worker threads
 * alone; there its registration is called here. Bootstraps await it before they read the first message.
 */
export function prepareLoader(): Promise<void> {
  prepared ??= register();
  return prepared;
}

async function register(): Promise<void> {
  const option = tsxOption();
  if (option === undefined || isMainThread()) return;
  try {
    const from = /^(file:|\/)/.test(option) ? option : pathToFileURL(`${process.cwd()}/`).href;
    const require = requireFrom(from);
    // require() finds the CommonJS build, whose hooks do not work from a worker; the other one stands beside it.
    const api = require.resolve('tsx/esm/api').replace(/\.cjs$/, '.mjs');
    const { register } = (await importFrom(import.meta.url)(pathToFileURL(api).href)) as { register(): void };
    register();
    require('tsx/cjs/api').register();
  } catch {
    // Without tsx the functions of .ts files still arrive by value.
  }
}
