/**
 * Whether this is a program's main thread. Node's `worker_threads` knows, but takes milliseconds to load: it is asked
 * only by those who have not been told.
 */

let told = false;
let main: boolean | null = null;

/** This thread is the main thread of a child process. */
export function beMainThread(): void {
  told = true;
  main = true;
}

/** Whether this thread was told that it is a main thread. */
export function isToldMain(): boolean {
  return told;
}

export function isMainThread(): boolean {
  main ??= process.getBuiltinModule('node:worker_threads').isMainThread;
  return main;
}
