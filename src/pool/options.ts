/** The options that pools and executors have in common, checked. */

import { ValueError } from '../errors.ts';
import { describe, toMilliseconds } from '../sync/timeout.ts';
import { checkArguments, checkTarget, type ResolvedTarget } from '../thread/target.ts';

/** `f(4)` as `f({ name: 4 })`. @throws TypeError it is neither a number nor an object. */
export function settingsOf<O extends object>(given: number | null | undefined | O, name: string, who: string): O {
  if (given === null || given === undefined) return {} as O;
  if (typeof given === 'number') return { [name]: given } as O;
  if (typeof given === 'object') return given;
  throw new TypeError(`${who}: needs a number of workers or an object with options, not ${describe(given)}`);
}

/** A number of workers or tasks; null if it is left out. @throws TypeError, ValueError */
export function checkCount(count: number | null | undefined, name: string, who: string): number | null {
  if (count === undefined || count === null) return null;
  if (!Number.isInteger(count)) throw new TypeError(`${who}: ${name} must be an integer, not ${describe(count)}`);
  if (count < 1) throw new ValueError(`${who}: ${name} must be greater than 0, not ${count}`);
  return count;
}

/** A time in seconds; null if it is left out. @throws TypeError, ValueError */
export function checkSeconds(seconds: number | null | undefined, name: string, who: string): number | null {
  if (seconds === undefined || seconds === null) return null;
  if (toMilliseconds(seconds, `${who}: ${name}`) < 0) {
    throw new ValueError(`${who}: ${name} must not be negative, but is ${seconds}`);
  }
  return seconds;
}

/** What is called in each worker. @throws TypeError it is no function. */
export function checkInitializer(
  options: { initializer?: unknown; initargs?: unknown },
  who: string,
): { initializer: ResolvedTarget; initargs: readonly unknown[] } {
  return {
    initializer: checkTarget(options.initializer, `${who}: initializer`),
    initargs: checkArguments(options.initargs, `${who}: initargs`),
  };
}
