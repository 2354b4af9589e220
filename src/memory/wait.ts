/**
 * Waiting for a turn, by the protocol of contest.ts: {@link waitBlocking} blocks the thread, {@link waitAsync} and
 * {@link awaitTurn} do not.
 */

import { AsyncWaiter } from './async-waiter.ts';
import { attemptQueued, attemptWoken, type Contest, PATIENCE_MILLISECONDS } from './contest.ts';
import { beginWait, currentFlow } from './flow.ts';
import { attendInterruptions, isInterrupted, isInterruptible } from './interruption.ts';
import type { Memory } from './memory.ts';
import { PARTY_NODE } from './party.ts';
import { HAND_OVER_SPINS, spinFor } from './spin.ts';
import { HANDED, NODE_GIFT, NODE_STATE, PATIENT, STARVING, WAITING } from './wait-queue.ts';
import type { Listener } from './waiters.ts';

export type { Contest } from './contest.ts';

/** How long to wait, and what ends the wait from outside. */
export interface AsyncWait {
  /** Milliseconds; absent or `Infinity`: for ever. */
  milliseconds?: number;
  signal?: AbortSignal;
  /** Whether the wait keeps the program alive (default: it does). */
  ref?: boolean;
}

const FIRST_BEAT = 10;
const LAST_BEAT = 240;
/** For who must see signals, which end a wait in the system block alone. */
const ATTENTIVE_BEAT = 20;

/**
 * Waits in this thread, which does nothing else meanwhile but run handlers of signals. False when the time has passed.
 * @throws what a handler throws: the wait has then ended, without a trace
 */
export function waitBlocking(memory: Memory, contest: Contest, milliseconds: number): boolean {
  const own = memory.parties.base + PARTY_NODE;
  // Who can only be given something stays in the queue while a handler runs; should that wait too, it needs a node.
  if (contest.enter === undefined || !isInterruptible()) return block(memory, contest, milliseconds, own);
  const node = memory.waiters.add(NOBODY);
  try {
    return block(memory, contest, milliseconds, node);
  } finally {
    memory.waiters.remove(node, false);
  }
}

/** The thread blocks: there is no listener to be told. */
const NOBODY: Listener = { ref: false, woken() {}, beat() {} };

function block(memory: Memory, contest: Contest, milliseconds: number, node: number): boolean {
  const patient = contest.enter !== undefined;
  if (!patient && contest.spins !== false && spinFor(memory, () => contest.attempt(false))) return true;
  const began = performance.now();
  const deadline = began + milliseconds;
  const lastBeat = memory.kind === 'local' && isInterruptible() ? ATTENTIVE_BEAT : LAST_BEAT;
  let beat = FIRST_BEAT;
  let flags = patient ? PATIENT : 0;
  for (let front = false; ; front = true) {
    if (!front && contest.enter !== undefined) {
      if (!contest.enter(node, flags)) return true;
      if (milliseconds > 0)
        spinFor(memory, () => Atomics.load(memory.i32, node + NODE_STATE) !== WAITING, HAND_OVER_SPINS);
    } else contest.queue.push(node, flags, front);
    if (attemptQueued(contest, node, () => contest.attempt(true))) return true;
    let timedOut = false;
    while (Atomics.load(memory.i32, node + NODE_STATE) === WAITING) {
      if (isInterrupted()) {
        if (patient) attemptQueued(contest, node, attend);
        else if (contest.queue.remove(node)) {
          attend();
          break;
        }
      }
      const left = deadline - performance.now();
      if (left <= 0) {
        timedOut = true;
        if (contest.queue.remove(node)) return false;
        break;
      }
      if (memory.wait(node + NODE_STATE, WAITING, Math.min(left, beat)) !== 'timed-out') continue;
      beat = Math.min(beat * 2, lastBeat);
      if (contest.queue.isOrphan(node)) break;
      if (attemptQueued(contest, node, () => contest.beat?.() || contest.attempt(true))) return true;
    }
    if (Atomics.load(memory.i32, node + NODE_STATE) === HANDED) {
      contest.received?.(memory.i32[node + NODE_GIFT]);
      return true;
    }
    if (attemptWoken(contest)) return true;
    if (timedOut) return false;
    if (!patient && performance.now() - began > PATIENCE_MILLISECONDS) flags = STARVING;
  }
}

/**
 * Waits while the event loop goes on. Resolves to false when the time has passed; rejects with the signal's reason, or
 * with what is raised in the flow.
 */
export function waitAsync(memory: Memory, contest: Contest, options: AsyncWait): Promise<boolean> {
  const { signal, milliseconds = Number.POSITIVE_INFINITY } = options;
  return new Promise<boolean>((resolve, reject) => {
    beginWait(signal);
    new AsyncWaiter(memory, contest, options.ref ?? true, resolve, reject).start(milliseconds, signal, currentFlow());
  });
}

/**
 * Calls `won` once the contest is won, or `failed` if an attempt throws: from the event loop, or from
 * {@link Waiters.drain} and {@link Waiters.beat}, perhaps before this returns. Returns how to give up.
 */
export function awaitTurn(
  memory: Memory,
  contest: Contest,
  won: () => void,
  failed: (error: unknown) => void,
  ref = false,
): () => void {
  const waiter = new AsyncWaiter(memory, contest, ref, won, failed);
  waiter.start(Number.POSITIVE_INFINITY, undefined, null);
  return () => waiter.withdraw();
}

function attend(): false {
  attendInterruptions();
  return false;
}
