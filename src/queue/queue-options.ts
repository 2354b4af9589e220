import { ValueError } from '../errors.ts';
import type { AsyncWaitSettings } from '../sync/async-wait.ts';
import { describe, toMilliseconds } from '../sync/timeout.ts';

/** Options of a blocking `put` and `get`. */
export interface QueueOptions {
  /** False: do not wait (default true). */
  block?: boolean;
  /** Seconds; absent or `null`: for ever. */
  timeout?: number | null;
}

/** Options of `putAsync` and `getAsync`. */
export interface QueueAsyncOptions extends QueueOptions {
  /** Ends the wait; the promise rejects with its reason, and no item is lost. */
  signal?: AbortSignal;
}

/** What a queue does about a negative time-out: `queue.Queue` refuses it, `multiprocessing.Queue` does not wait. */
export type NegativeTimeout = 'refuse' | 'poll';

const FOR_EVER: AsyncWaitSettings = Object.freeze({ milliseconds: Number.POSITIVE_INFINITY });
const NOT_AT_ALL: AsyncWaitSettings = Object.freeze({ milliseconds: 0 });

/** The wait that `method(block, timeout)` or `method({ block, timeout, signal })` asks for. */
export function queueWaitOf(
  block: boolean | QueueAsyncOptions,
  timeout: number | null | undefined,
  method: string,
  negative: NegativeTimeout,
): AsyncWaitSettings {
  if (block === true && timeout === undefined) return FOR_EVER;
  let signal: AbortSignal | undefined;
  if (typeof block === 'object' && block !== null) {
    ({ timeout, signal } = block);
    block = block.block ?? true;
  }
  if (typeof block !== 'boolean') {
    throw new TypeError(`Queue.${method}: block must be a boolean or an options object, not ${describe(block)}`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`Queue.${method}: signal must be an AbortSignal, not ${describe(signal)}`);
  }
  if (!block) return signal === undefined ? NOT_AT_ALL : { milliseconds: 0, signal };
  const milliseconds = toMilliseconds(timeout, `Queue.${method}`);
  if (milliseconds < 0 && negative === 'refuse') {
    throw new ValueError(`Queue.${method}: timeout must be a non-negative number of seconds, not ${timeout}`);
  }
  return { milliseconds, signal };
}
