/**
 * Where in the user's code tasks are submitted, to be shown under the stack of an error. Finding out takes longer than
 * the rest of a submission; in a loop that submits many tasks in one go, the last place that was found stands for those
 * after it.
 */

const EXACT = 100;

let count = 0;
let last: { stack?: string } | null = null;
let lastFunction: unknown;

/** The stack from the caller of `callee` on, made into text when it is read. */
export function submissionSite(callee: (...args: never[]) => unknown, fn: unknown): { stack?: string } {
  if (last !== null && count >= EXACT && lastFunction === fn) return last;
  if (count++ === 0) {
    // Until this turn of the event loop is over.
    queueMicrotask(() => {
      count = 0;
      last = null; // it holds on to the functions of its frames
      lastFunction = null;
    });
  }
  const site: { stack?: string } = {};
  Error.captureStackTrace(site, callee);
  last = site;
  lastFunction = fn;
  return site;
}
