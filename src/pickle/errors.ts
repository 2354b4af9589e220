/**
 * Errors on their way from one thread or process to another: they always get through, and they show both stacks.
 *
 * @module
 */

import { dumps, type Pickled } from './pickle.ts';
import type { Scope } from './reducer.ts';
import { show } from './refuse.ts';
import type { Relocation } from './relocation.ts';

/**
 * Writes what was thrown, an `Error` or anything else. It does not fail: what cannot be sent at all arrives as a plain
 * `Error` with the same name, message and stack.
 */
export function dumpsError(thrown: unknown, scope: Scope, relocation: Relocation | null = null): Pickled {
  try {
    return dumps(thrown, { scope, root: 'error', relocation });
  } catch {
    return dumps(plainError(thrown), { scope, root: 'error' });
  }
}

function plainError(thrown: unknown): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const copy = new Error(textOf(thrown, 'message') ?? `thrown: ${show(thrown)}`);
  Error.stackTraceLimit = stackTraceLimit;
  const name = textOf(thrown, 'name');
  if (name !== undefined) Object.defineProperty(copy, 'name', { value: name, writable: true, configurable: true });
  const stack = textOf(thrown, 'stack');
  if (stack !== undefined) copy.stack = stack;
  return copy;
}

function textOf(thrown: unknown, key: string): string | undefined {
  try {
    const value = (thrown as Record<string, unknown>)[key];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

const DIVIDER = '    --- started at ---';

/**
 * Adds, under the frames of an error that came from elsewhere, the frames of the call that started the work there.
 *
 * @param error - what was thrown; what is no `Error` is left alone
 * @param stack - the `stack` of an `Error` made where the work was submitted
 */
export function attachCallerStack(error: unknown, stack: string | undefined): void {
  if (!(error instanceof Error) || !stack) return;
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  if (frames.length === 0) return;
  const value = `${error.stack ?? `${error.name}: ${error.message}`}\n${DIVIDER}\n${frames.join('\n')}`;
  try {
    Object.defineProperty(error, 'stack', { value, writable: true, enumerable: false, configurable: true });
  } catch {
    // A frozen error keeps the stack that it has.
  }
}
