import { asyncWaitOf } from '../sync/async-wait.ts';
import { describe } from '../sync/timeout.ts';
import { after, waitFor } from './waiting.ts';

/** Options of {@link sleep}. */
export interface SleepOptions {
  /** False: the sleep does not keep the program alive (default true). */
  ref?: boolean;
  /** Ends the sleep; the promise rejects with its reason. */
  signal?: AbortSignal;
}

/**
 * Waits for some seconds; a kill or a `Timeout` of the greenlet ends it. 0 or less: lets everything else that is ready
 * run first. A sleep keeps the program alive, also when nobody waits for its greenlet, as a timer does in Node.
 *
 * @throws TypeError `seconds` is no number. @throws the signal's reason when it is aborted.
 *
 * gevent: https://www.gevent.org/api/gevent.html#gevent.sleep
 */
export async function sleep(seconds = 0, options: SleepOptions = {}): Promise<void> {
  if (typeof seconds !== 'number' || Number.isNaN(seconds))
    throw new TypeError(`sleep: needs a number of seconds, not ${describe(seconds)}`);
  const { milliseconds } = asyncWaitOf(seconds, 'sleep');
  const { signal } = asyncWaitOf({ signal: options.signal }, 'sleep');
  const forEver = { milliseconds: Number.POSITIVE_INFINITY, signal };
  await waitFor<void>(forEver, (got) => enter(milliseconds, got, options.ref ?? true), nothing);
}

function enter(milliseconds: number, got: () => void, ref: boolean): () => void {
  if (milliseconds > 0) return after(milliseconds, got, ref);
  const immediate = setImmediate(got);
  if (!ref) immediate.unref();
  return () => clearImmediate(immediate);
}

function nothing(): void {}
