/**
 * Callbacks of futures and results that have been settled. Results are taken out of the mailbox in the middle of other
 * things; what the user wants called then is called when that is over: in order, when the event loop turns, or at the
 * end of the blocking call that took the result out.
 */

import { inspect } from 'node:util';
import { writeFully } from '../thread/output.ts';

let due: (() => void)[] = [];
let running = false;

/** Has `callback` called soon. It must not throw. */
export function callSoon(callback: () => void): void {
  if (due.push(callback) === 1 && !running) queueMicrotask(runDueCallbacks);
}

/** Calls what is due. */
export function runDueCallbacks(): void {
  if (running) return;
  running = true;
  try {
    while (due.length > 0) {
      const batch = due;
      due = [];
      for (const callback of batch) callback();
    }
  } finally {
    running = false;
  }
}

/** Calls a callback of the user; one that throws is reported, and harms nothing. */
export function callReporting<A>(callback: (argument: A) => unknown, argument: A, what: string): void {
  const report = (error: unknown): void => writeFully(2, `Exception in a callback of ${what}:\n${inspect(error)}\n`);
  try {
    const returned = callback(argument);
    if (returned instanceof Promise) returned.catch(report);
  } catch (error) {
    report(error);
  }
}
