import { currentFlow } from '../memory/flow.ts';
import { describe } from '../sync/timeout.ts';
import { Greenlet } from './greenlet.ts';

/** Runs `fn(...args)` in a new greenlet. @throws TypeError `fn` is no function */
export function spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Greenlet<Awaited<R>, A> {
  const greenlet = new Greenlet<Awaited<R>, A>(checkFunction(fn, 'spawn') as never, ...args);
  greenlet.start();
  return greenlet;
}

/** The same when so many seconds have passed. @throws TypeError `fn` is no function, or `seconds` no number */
export function spawnLater<A extends unknown[], R>(
  seconds: number,
  fn: (...args: A) => R,
  ...args: A
): Greenlet<Awaited<R>, A> {
  const greenlet = new Greenlet<Awaited<R>, A>(checkFunction(fn, 'spawnLater') as never, ...args);
  greenlet.startLater(seconds);
  return greenlet;
}

/** The greenlet that runs; `null` in plain code. */
export function getcurrent(): Greenlet | null {
  return (currentFlow()?.owner as Greenlet | null | undefined) ?? null;
}

function checkFunction<F>(fn: F, who: string): F {
  if (typeof fn === 'function') return fn;
  throw new TypeError(`${who}: needs a function to run, not ${describe(fn)}`);
}
