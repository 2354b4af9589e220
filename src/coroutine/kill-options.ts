import { GreenletExit } from '../errors.ts';
import { describe, toMilliseconds } from '../sync/timeout.ts';
import { checkRaisable, type Raisable } from './raisable.ts';

/** Options of `kill`. */
export interface KillOptions {
  /** What to raise; absent: a {@link GreenletExit}. */
  exception?: Raisable;
  /** False: do not wait for the end (default true). */
  block?: boolean;
  /** Seconds to wait for the end; absent or `null`: for ever. */
  timeout?: number | null;
}

/** What `kill(exception, block, timeout)` or `kill({ exception, block, timeout })` asks for. */
export function killOptions(
  exception: Raisable | KillOptions | undefined,
  block: boolean | undefined,
  timeout: number | null | undefined,
  who: string,
): Required<KillOptions> {
  const isOptions = typeof exception === 'object' && exception !== null && !(exception instanceof Error);
  const given: KillOptions = isOptions ? exception : { exception, block, timeout };
  toMilliseconds(given.timeout, who);
  const blocks = given.block ?? true;
  if (typeof blocks !== 'boolean') throw new TypeError(`${who}: block must be a boolean, not ${describe(blocks)}`);
  const raisable = given.exception ?? GreenletExit;
  checkRaisable(raisable, who);
  return { exception: raisable, block: blocks, timeout: given.timeout ?? null };
}
