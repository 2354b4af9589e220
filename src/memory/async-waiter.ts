/**
 * Somebody who waits while the event loop of its thread goes on, by the protocol of contest.ts: a node among the thread's
 * waiters (waiters.ts), and what is done when that is woken, at each beat, and when the wait is to end early.
 *
 * The thread may be blocked elsewhere when the node is woken: between that and the news of it, the node has left its
 * queue, but is still in the hands of who wakes it. Who gives up meanwhile passes the wake-up on.
 */

import { type Contest, PATIENCE_MILLISECONDS } from './contest.ts';
import type { Flow, Interruptible } from './flow.ts';
import type { Memory } from './memory.ts';
import { spinFor } from './spin.ts';
import { ASYNC, HANDED, NODE_GIFT, NODE_STATE, PATIENT, STARVING } from './wait-queue.ts';
import { isQueued } from './waiters.ts';

export class AsyncWaiter implements Interruptible {
  readonly ref: boolean;
  readonly #memory: Memory;
  readonly #contest: Contest;
  readonly #resolve: (got: boolean) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #began = performance.now();
  #node = 0;
  /** The news of the wake-up has come: no waker has the node in hand any more. */
  #delivered = false;
  #timer: NodeJS.Timeout | undefined;
  #signal: AbortSignal | undefined;
  #flow: Flow | null = null;
  #missed = 0;
  readonly #patient: boolean;

  constructor(
    memory: Memory,
    contest: Contest,
    ref: boolean,
    resolve: (got: boolean) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#memory = memory;
    this.#contest = contest;
    this.#patient = contest.enter !== undefined;
    this.ref = ref;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(milliseconds: number, signal: AbortSignal | undefined, flow: Flow | null): void {
    this.#node = this.#memory.waiters.add(this);
    if (milliseconds !== Number.POSITIVE_INFINITY) {
      // setTimeout holds 31 bits of milliseconds.
      this.#timer = setTimeout(() => this.#giveUp(), Math.min(milliseconds, 0x7fff_ffff));
      if (!this.ref) this.#timer.unref();
    }
    if (signal !== undefined) {
      this.#signal = signal;
      signal.addEventListener('abort', this.#onAbort, { once: true });
    }
    if (flow !== null) {
      this.#flow = flow;
      flow.enter(this);
    }
    if (this.#contest.enter === undefined) this.#enter(0, false);
    else if (!this.#contest.enter(this.#node, PATIENT | ASYNC)) this.#settle(true, false);
  }

  woken(): void {
    this.#delivered = true;
    this.#guard(() => {
      if (this.#wasHanded() || this.#contest.attempt(true)) this.#settle(true, false);
      else if (this.#patient) this.#enter(PATIENT, true);
      else if (performance.now() - this.#began <= PATIENCE_MILLISECONDS) this.#enter(0, true);
      // It cannot be handed anything while its thread may be blocked elsewhere, but now it runs: it insists a little.
      else if (spinFor(this.#memory, () => this.#contest.attempt(true))) this.#settle(true, false);
      else this.#enter(STARVING, true);
    });
  }

  beat(): void {
    if (!isQueued(this.#memory, this.#node)) {
      // Woken, but not delivered: its waker may have died in between. A live one needs microseconds.
      if (++this.#missed < 5) return;
      const state = Atomics.load(this.#memory.i32, this.#node + NODE_STATE);
      this.#memory.waiters.remove(this.#node, true);
      this.#node = this.#memory.waiters.add(this);
      Atomics.store(this.#memory.i32, this.#node + NODE_STATE, state);
      this.#missed = 0;
      this.woken();
      return;
    }
    this.#missed = 0;
    this.#guard(() => {
      if (this.#contest.beat?.() || this.#contest.attempt(true)) this.#settle(true, true);
    });
  }

  #enter(flags: number, front: boolean): void {
    this.#delivered = false;
    this.#contest.queue.push(this.#node, flags | ASYNC, front);
    this.#guard(() => {
      if (this.#contest.attempt(true)) this.#settle(true, true);
    });
  }

  #wasHanded(): boolean {
    const w = this.#memory.i32;
    if (Atomics.load(w, this.#node + NODE_STATE) !== HANDED) return false;
    this.#contest.received?.(w[this.#node + NODE_GIFT]);
    return true;
  }

  /** The time has passed. */
  #giveUp(): void {
    if (this.#contest.queue.remove(this.#node)) {
      this.#settle(false, false);
      return;
    }
    // Woken in the last moment, though the news has not come yet.
    this.#guard(() => {
      const handed = this.#wasHanded();
      this.#finish(true);
      this.#resolve(handed || this.#contest.attempt(true));
    });
  }

  readonly #onAbort = (): void => {
    this.interrupt(this.#signal?.reason);
  };

  interrupt(reason: unknown): boolean {
    if (!this.#patient) this.withdraw();
    else if (this.#contest.queue.remove(this.#node)) this.#finish(false);
    else {
      const handed = this.#wasHanded();
      this.#finish(true);
      if (handed) {
        this.#resolve(true);
        return false;
      }
    }
    this.#reject(reason);
    return true;
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.withdraw();
      this.#reject(error);
    }
  }

  #settle(got: boolean, queued: boolean): void {
    if (queued) this.withdraw();
    else this.#finish(false);
    this.#resolve(got);
  }

  /** Leaves the queue; a wake-up that it has received, or that is under way, goes to somebody else. */
  withdraw(): void {
    if (this.#node === 0) return;
    if (!this.#delivered && this.#contest.queue.remove(this.#node)) {
      this.#finish(false);
      return;
    }
    const handed = !this.#delivered && Atomics.load(this.#memory.i32, this.#node + NODE_STATE) === HANDED;
    this.#finish(!this.#delivered);
    this.#contest.surplus(handed);
  }

  #finish(inHand: boolean): void {
    this.#memory.waiters.remove(this.#node, inHand);
    this.#node = 0;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#flow?.leave(this);
  }
}
