import { describe, toMilliseconds } from './timeout.ts';

/** Options of `waitAsync` of events, conditions and threads. */
export interface WaitAsyncOptions {
  /** Seconds; absent or `null`: for ever. */
  timeout?: number | null;
  /** Ends the wait; the promise rejects with its reason. */
  signal?: AbortSignal;
}

/** How long to wait, and what ends the wait from outside. */
export interface AsyncWaitSettings {
  milliseconds: number;
  signal?: AbortSignal;
}

/** The wait that `f(timeout)` or `f({ timeout, signal })` asks for. */
export function asyncWaitOf(options: number | null | WaitAsyncOptions | undefined, who: string): AsyncWaitSettings {
  if (typeof options !== 'object' || options === null) return { milliseconds: toMilliseconds(options, who) };
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal)) {
    throw new TypeError(`${who}: signal must be an AbortSignal, not ${describe(options.signal)}`);
  }
  return { milliseconds: toMilliseconds(options.timeout, who), signal: options.signal };
}
