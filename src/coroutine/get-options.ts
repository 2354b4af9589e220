import { type AsyncWaitSettings, asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { describe } from '../sync/timeout.ts';

/** Options of {@link Greenlet.get}. */
export interface GetOptions extends WaitAsyncOptions {
  /** False: do not wait (default true). */
  block?: boolean;
}

/** What `get(block, timeout)` or `get({ block, timeout, signal })` asks for. */
export function getOptions(
  block: boolean | GetOptions,
  timeout: number | null | undefined,
  who: string,
): { blocks: boolean; seconds: number | null; wait: AsyncWaitSettings } {
  const given: GetOptions = typeof block === 'object' && block !== null ? block : { block, timeout };
  const blocks = given.block ?? true;
  if (typeof blocks !== 'boolean') {
    throw new TypeError(`${who}: block must be a boolean or an options object, not ${describe(given.block)}`);
  }
  const wait = asyncWaitOf({ timeout: given.timeout, signal: given.signal }, who);
  return { blocks, seconds: given.timeout ?? null, wait };
}
