import { describe } from '../sync/timeout.ts';

/** What can be raised in a greenlet: an error, or a class of errors, of which one is made. */
export type Raisable = Error | (new () => Error);

/** @throws TypeError it is neither an error nor a class of errors */
export function checkRaisable(exception: unknown, who: string): asserts exception is Raisable {
  if (exception instanceof Error || exception === Error) return;
  if (typeof exception === 'function' && exception.prototype instanceof Error) return;
  throw new TypeError(`${who}: exception must be an Error or a class of errors, not ${describe(exception)}`);
}

/** The error to raise. */
export function errorOf(exception: Raisable): Error {
  return exception instanceof Error ? exception : new exception();
}
