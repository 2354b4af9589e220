/**
 * Waiting for a turn: one protocol, with a way to wait that blocks the thread and one that does not.
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

import { beginWait, currentFlow, type Flow, type Interruptible } from './flow.ts';
import { attendInterruptions, isInterrupted, isInterruptible } from './interruption.ts';
import { SPINNER_CELLS, SPINNERS } from './layout.ts';
import type { Memory } from './memory.ts';
import { PARTY_NODE } from './party.ts';
import { ASYNC, HANDED, NODE_GIFT, NODE_STATE, PATIENT, STARVING, WAITING, type WaitQueue } from './wait-queue.ts';
import { isQueued, type Listener } from './waiters.ts';

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

/** How long to wait, and what ends the wait from outside. */
export interface AsyncWait {
  /** Milliseconds; absent or `Infinity`: for ever. */
  milliseconds?: number;
  signal?: AbortSignal;
  /** Whether the wait keeps the program alive (default: it does). */
  ref?: boolean;
}

/** Turns of a spin: some microseconds, a fraction of what it costs to park and to be woken (40). */
const SPINS = 1200;
/** Turns for who finds the cell taken: two that answer each other both spin for a moment at every change of turns. */
const GRACE_SPINS = 100;
/** The same for who waits to be handed something: a turn is one load. */
const HAND_OVER_SPINS = 4000;
const FIRST_BEAT = 10;
const LAST_BEAT = 240;
const PATIENCE_MILLISECONDS = 1;

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
  if (!patient && contest.spins !== false && spin(memory, SPINS, () => contest.attempt(false))) return true;
  const began = performance.now();
  const deadline = began + milliseconds;
  let beat = FIRST_BEAT;
  let flags = patient ? PATIENT : 0;
  for (let front = false; ; front = true) {
    if (!front && contest.enter !== undefined) {
      if (!contest.enter(node, flags)) return true;
      if (milliseconds > 0)
        spin(memory, HAND_OVER_SPINS, () => Atomics.load(memory.i32, node + NODE_STATE) !== WAITING);
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
      beat = Math.min(beat * 2, LAST_BEAT);
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

class AsyncWaiter implements Interruptible {
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
      else if (spin(this.#memory, SPINS, () => this.#contest.attempt(true))) this.#settle(true, false);
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

function attend(): false {
  attendInterruptions();
  return false;
}

/** An attempt of a node that stands in the queue: leaves it when that succeeds or throws. */
function attemptQueued(contest: Contest, node: number, attempt: () => boolean): boolean {
  let done = true;
  try {
    done = attempt();
    return done;
  } finally {
    if (done) leave(contest, node);
  }
}

/** An attempt of a waiter that was woken: if it throws, the wake-up is for somebody else. */
function attemptWoken(contest: Contest): boolean {
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

/** Tries a little while, as everybody does who is about to wait. Returns whether that was enough. */
export function spinFor(memory: Memory, attempt: () => boolean): boolean {
  return spin(memory, SPINS, attempt);
}

let refusals = 0;
/** As many threads may spin at once as there are processors to spare: with one processor, none. */
let cells: number | undefined;

function spin(memory: Memory, turns: number, attempt: () => boolean): boolean {
  cells ??= Math.min(process.getBuiltinModule('node:os').availableParallelism() - 1, SPINNER_CELLS);
  if (cells <= 0) return false;
  const self = memory.parties.self;
  const w = memory.i32;
  const cell = SPINNERS + (self % cells);
  let spinner = Atomics.load(w, cell);
  for (let i = 0; spinner !== 0 && i < GRACE_SPINS; i++) {
    if (attempt()) return true;
    spinner = Atomics.load(w, cell);
  }
  if (spinner !== 0 || Atomics.compareExchange(w, cell, 0, self) !== 0) {
    // A spinner that was killed must not keep the cell for ever, but asking costs more than a whole spin.
    if (spinner === 0 || (++refusals & 255) !== 0 || memory.parties.isAlive(spinner)) return false;
    Atomics.compareExchange(w, cell, spinner, self);
    if (Atomics.load(w, cell) !== self) return false;
  }
  try {
    for (let i = 0; i < turns; i++) if (attempt()) return true;
    return false;
  } finally {
    Atomics.compareExchange(w, cell, self, 0);
  }
}
