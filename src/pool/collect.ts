/** Blocking until results have come, of whatever pools: the one place where the pools' users block. */

import { DeadlockError } from '../errors.ts';
import { localMemory } from '../memory/local-memory.ts';
import { runDueCallbacks } from './due-callbacks.ts';
import { busyMailboxes, type Mailbox } from './mailbox.ts';

/** How long to wait for mail in one memory before looking into the other, when both may bring it. */
const SLICE_MILLISECONDS = 5;

/** Takes out what mail there is, without waiting. Who asks again and again learns of a worker's death this way too. */
export function collectNow(): void {
  for (const mailbox of busyMailboxes()) if (!mailbox.collect()) mailbox.beatOften();
}

/**
 * Blocks this thread until `until` says so, which is asked whenever results have come. Returns false when the time has
 * passed. @throws DeadlockError nothing is under way that could change anything.
 */
export function collectUntil(until: () => boolean, milliseconds: number, what: string): boolean {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    collectNow();
    runDueCallbacks();
    if (until()) return true;
    const left = deadline - performance.now();
    if (left <= 0) return false;
    const mailboxes = busyMailboxes();
    if (mailboxes.length === 0) {
      if (milliseconds !== Number.POSITIVE_INFINITY) {
        localMemory().nap(left);
        return until();
      }
      throw new DeadlockError(
        `${what} would wait for ever: no task is under way, and no other thread has the future that could settle it`,
      );
    }
    if (mailboxes.length === 1) mailboxes[0].await(left);
    else awaitBoth(mailboxes, left);
  }
}

/** A thread sleeps in one memory at a time; tasks of threads and of processes together are rare. */
function awaitBoth(mailboxes: Mailbox[], milliseconds: number): void {
  for (const mailbox of mailboxes) {
    if (mailboxes.some((each) => each.hasMail)) return;
    mailbox.await(Math.min(milliseconds, SLICE_MILLISECONDS));
  }
}
