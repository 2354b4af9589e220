import { inspect } from 'node:util';
import { describe } from '../sync/timeout.ts';
import { writeFully } from './output.ts';

/** What an {@link ExceptHook} is told. */
export interface ExceptHookArgs<T = { readonly name: string }> {
  /** The class of what was thrown; null for a thrown value that is no object. */
  excType: unknown;
  /** What was thrown. */
  excValue: unknown;
  /** The thread that failed. */
  thread: T;
}

/** Is called in a thread that fails, before anybody's `join` returns. */
export type ExceptHook = (args: ExceptHookArgs) => void;

let current: ExceptHook | null = null;

/**
 * The default hook: prints `Exception in thread NAME:` and the error with its stack to the standard error output.
 *
 * Python: https://docs.python.org/3/library/threading.html#threading.excepthook
 */
export function excepthook({ excValue, thread }: ExceptHookArgs): void {
  writeFully(2, `Exception in thread ${thread.name}:\n${inspect(excValue)}\n`);
}

/**
 * Replaces the hook, in this thread and in those that are started from it later; `null` brings the default back.
 * @throws TypeError `hook` is no function.
 */
export function setExcepthook(hook: ExceptHook | null): void {
  if (hook !== null && typeof hook !== 'function') {
    throw new TypeError(`setExcepthook: needs a function or null, not ${describe(hook)}`);
  }
  current = hook;
}

/** The hook that was set, for the threads that this one starts; null for the default. */
export function customExcepthook(): ExceptHook | null {
  return current;
}

/** Reports a failure; a hook that fails itself is reported too. */
export function reportException(excValue: unknown, thread: { readonly name: string }): void {
  const excType = (excValue as object | null | undefined)?.constructor ?? null;
  try {
    (current ?? excepthook)({ excType, excValue, thread });
  } catch (error) {
    writeFully(2, `Exception in the excepthook of thread ${thread.name}:\n${inspect(error)}\n`);
    if (current !== null) excepthook({ excType, excValue, thread });
  }
}
