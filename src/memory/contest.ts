/**
 * What is waited for, and how: one protocol, with a way to wait that blocks the thread (wait.ts) and one that does not
 * (async-waiter.ts).
 *
 * Every blocking operation of the library is a {@link Contest}: an attempt that either gets what it wants or changes
 * nothing, and a queue of those whose attempt failed.
 *
 *     attempt → spin a little → stand in the queue → attempt again → sleep → woken → attempt → … at the front
 *
 * The attempt after queueing closes the gap between "it is taken" and "I am in the list": who gives something back
 * changes the state first and looks at the queue second.
 *
 * Being woken means "try again" (a newcomer may have been faster, which keeps a busy lock busy) unless the waiter was
 * overtaken for longer than {@link PATIENCE_MILLISECONDS}: then it is *handed* what it waits for. This is the eventual
 * fairness of WebKit's ParkingLot and Rust's parking_lot.
 *
 * Some things cannot be tried for, only be given: a condition's notification, a barrier's release. Such a contest has
 * `enter`, and is won by a hand-over alone.
 *
 * Nobody sleeps for ever: at each beat the contest looks whether the party that it depends on has died. The beat is
 * not there for lost wake-ups between live parties, of which there are none, but for one that was killed with a
 * wake-up in its hands.
 */

import { HANDED, NODE_STATE, type WaitQueue } from './wait-queue.ts';

export interface Contest {
  readonly queue: WaitQueue;
  /** Gets it, or changes nothing. `contended`: others wait, or this waiter is about to. */
  attempt(contended: boolean): boolean;
  /** Looks whether the party that it depends on has died; true if that gave it what it wants. May throw. */
  beat?(): boolean;
  /** It was woken or handed something that it no longer needs: passes it on. */
  surplus(handed: boolean): void;
  /**
   * Only for what is won by a hand-over alone: puts the node into the queue, in one step with whatever that takes.
   * False: there is no need to wait. A hand-over that comes before an abort or the end of the time counts.
   */
  enter?(node: number, flags: number): boolean;
  /** What it was handed. */
  received?(gift: number): void;
  /** False: who waits has tried for a while already, or knows better than to. */
  readonly spins?: boolean;
}

/** Who was overtaken for longer is handed what it waits for. */
export const PATIENCE_MILLISECONDS = 1;

/** An attempt of a node that stands in the queue: leaves it when that succeeds or throws. */
export function attemptQueued(contest: Contest, node: number, attempt: () => boolean): boolean {
  let done = true;
  try {
    done = attempt();
    return done;
  } finally {
    if (done) leave(contest, node);
  }
}

/** An attempt of a waiter that was woken: if it throws, the wake-up is for somebody else. */
export function attemptWoken(contest: Contest): boolean {
  try {
    return contest.attempt(true);
  } catch (error) {
    contest.surplus(false);
    throw error;
  }
}

/** Takes a node that may have been woken meanwhile out of its queue, and passes the wake-up on. */
function leave(contest: Contest, node: number): void {
  if (contest.queue.remove(node)) return;
  contest.surplus(Atomics.load(contest.queue.memory.i32, node + NODE_STATE) === HANDED);
}
