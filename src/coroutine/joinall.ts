import type { Greenlet } from './greenlet.ts';
import { greenletsOf, type IwaitOptions, WaitIterator } from './iwait.ts';
import { type KillOptions, killOptions } from './kill-options.ts';
import type { Raisable } from './raisable.ts';
import { Timeout } from './timeout.ts';

/** Options of {@link joinall}. */
export interface JoinallOptions extends IwaitOptions {
  /** True: throw the first error of a greenlet, as soon as it has failed (default false). */
  raiseError?: boolean;
}

/**
 * Waits until all greenlets (or `count` of them) have ended, or the time has passed.
 * @param timeout seconds, or `{ timeout, raiseError, count, signal }`; absent or `null`: for ever.
 * @returns those that have ended, in the order in which they have.
 * @throws the error of a greenlet, if `raiseError`. @throws the signal's reason when it is aborted.
 *
 * gevent: https://www.gevent.org/api/gevent.html#gevent.joinall
 */
export async function joinall<G extends Greenlet>(
  greenlets: Iterable<G>,
  timeout?: number | null | JoinallOptions,
  raiseError = false,
  count?: number | null,
): Promise<G[]> {
  const given = typeof timeout === 'object' && timeout !== null ? timeout : { timeout, raiseError, count };
  const done: G[] = [];
  for await (const greenlet of new WaitIterator(greenletsOf(greenlets, 'joinall'), given, 'joinall')) {
    if (given.raiseError && !greenlet.successful()) throw greenlet.exception;
    done.push(greenlet);
  }
  return done;
}

/**
 * Kills greenlets, as {@link Greenlet.kill} does with one, and waits until all have ended.
 * @param exception what to raise; absent: a `GreenletExit`. Or `{ exception, block, timeout }`.
 * @param block false: do not wait. @param timeout seconds; absent or `null`: for ever.
 * @throws Timeout they have not all ended in time. @throws TypeError they are no greenlets, or `exception` no error.
 *
 * gevent: https://www.gevent.org/api/gevent.html#gevent.killall
 */
export async function killall(
  greenlets: Iterable<Greenlet>,
  exception?: Raisable | KillOptions,
  block?: boolean,
  timeout?: number | null,
): Promise<void> {
  const options = killOptions(exception, block, timeout, 'killall');
  const all = greenletsOf(greenlets, 'killall');
  for (const greenlet of all) void greenlet.kill(options.exception, false);
  if (!options.block) return;
  const alive = all.filter((greenlet) => !greenlet.ready());
  if ((await joinall(alive, options.timeout)).length < alive.length) throw new Timeout(options.timeout);
}
