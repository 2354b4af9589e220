import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Which flow of a thread runs: 0 is plain code, and what runs inside `withAsync(fn)` of a reentrant lock has a number
 * of its own, through all its awaits. Blocking code of a thread excludes itself; flows that take turns on one event
 * loop do not, and need an identity to be told apart.
 */

const storage = new AsyncLocalStorage<number>();
let inUse = false;
let last = 0;

/** The flow that runs now, 0 outside of any. */
export function currentFlow(): number {
  // Asking the storage costs more than an uncontended acquire: most programs never use one.
  return inUse ? (storage.getStore() ?? 0) : 0;
}

/** A number that no flow of this thread has had. */
export function newFlow(): number {
  last = (last % 0x3fff_ffff) + 1;
  return last;
}

/** Runs `fn`, and all that it awaits, as a flow of its own. */
export function runInFlow<R>(flow: number, fn: () => R): R {
  inUse = true;
  return storage.run(flow, fn);
}
