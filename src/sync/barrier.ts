/**
 * ```
 *  +0 wait queue of 4 words: the parties that have arrived, in order. Its lock guards the words below as well
 *  +4 PARTIES
 *  +5 STATE    0 filling: parties arrive   1 acting: all are there, the last one runs the action   2 broken
 *  +6 ARRIVED  how many have arrived
 *  +7 RUNNER   the party that runs the action
 *  +8 ROUND    goes up whenever the parties that have arrived are released or thrown out
 *  +9 wait queue of 4 words: those that come while the action runs
 * ```
 *
 * The last to arrive hands every other one its release, with its index: a party knows what became of its round even if
 * it is slow and the next round is full already. So there is no draining state, as CPython has it, in which newcomers
 * have to wait for the slowest to leave.
 *
 * A party that has arrived and dies breaks the barrier: the others look at every beat, the last one before it acts.
 * One that was buried meanwhile has left the queue without ARRIVED being told, which is noticed in the same places.
 */

import { BrokenBarrierError, ValueError } from '../errors.ts';
import { type Place, SharedObject } from '../memory/handle.ts';
import type { Memory } from '../memory/memory.ts';
import { type Contest, waitAsync, waitBlocking } from '../memory/wait.ts';
import { type LockedQueue, WAIT_QUEUE_WORDS, WaitQueue } from '../memory/wait-queue.ts';
import { asyncWaitOf, type WaitAsyncOptions } from './event.ts';
import { describe, toMilliseconds } from './timeout.ts';

const PARTIES = 4;
const STATE = 5;
const ARRIVED = 6;
const RUNNER = 7;
const ROUND = 8;
const NEWCOMERS = 9;
export const BARRIER_BYTES = (NEWCOMERS + WAIT_QUEUE_WORDS) * 4;

const FILLING = 0;
const ACTING = 1;
const BROKEN = 2;

/** What a party that waits is handed instead of its index. */
const THROWN_OUT = -1;

/** Constructor options of a barrier. */
export interface BarrierOptions {
  /** Called by exactly one party, the last to arrive, before any is released. */
  action?: (() => unknown) | null;
  /** Seconds that each `wait` waits at most if it is not told otherwise; absent or `null`: for ever. */
  timeout?: number | null;
}

/** What `Barrier(parties, action, timeout)` was given, checked. */
export function barrierArguments(
  parties: unknown,
  action: unknown,
  timeout: unknown,
): { parties: number; action: (() => unknown) | null; timeout: number | null } {
  if (typeof parties === 'object' && parties !== null) {
    const options = parties as BarrierOptions & { parties?: unknown };
    return barrierArguments(options.parties, options.action, options.timeout);
  }
  if (typeof action === 'object' && action !== null) {
    const options = action as BarrierOptions;
    return barrierArguments(parties, options.action, options.timeout);
  }
  if (typeof parties !== 'number' || !Number.isInteger(parties)) {
    throw new TypeError(`Barrier: parties must be an integer, not ${describe(parties)}`);
  }
  if (parties < 1) throw new ValueError(`Barrier: parties must be 1 or more, not ${parties}`);
  if (action !== undefined && action !== null && typeof action !== 'function') {
    throw new TypeError(`Barrier: action must be a function, not ${describe(action)}`);
  }
  toMilliseconds(timeout as number | null | undefined, 'Barrier');
  return { parties, action: (action as () => unknown) ?? null, timeout: (timeout as number | null) ?? null };
}

/** Sets up a fresh place. */
export function initialiseBarrier(place: Place, parties: number): Place {
  Atomics.store(place.memory.i32, place.base + PARTIES, parties);
  return place;
}

/**
 * A meeting point for a fixed number of parties: who comes waits until all are there.
 *
 * Python: https://docs.python.org/3/library/threading.html#barrier-objects
 */
export abstract class Barrier extends SharedObject {
  readonly #round: Round;
  /** @internal */
  readonly action: (() => unknown) | null;
  /** @internal Seconds. */
  readonly timeout: number | null;

  protected constructor(place: Place, action: (() => unknown) | null, timeout: number | null) {
    super(place);
    this.#round = new Round(place.memory, place.base, this);
    this.action = action;
    this.timeout = timeout;
  }

  /** How many have to come. */
  get parties(): number {
    return this.#round.get(PARTIES);
  }

  /** How many have come and wait; 0 if the barrier is broken. */
  get nWaiting(): number {
    return this.#round.get(ARRIVED);
  }

  /** Whether the barrier is broken: every `wait` throws until `reset()`. */
  get broken(): boolean {
    return this.#round.get(STATE) === BROKEN;
  }

  /**
   * Blocks this thread until all parties have come. The last one runs the action first.
   * @param timeout seconds to wait at most (0 or less: only the last party may pass); absent: the barrier's own.
   * @returns a number from 0 to `parties - 1`, a different one for each party, in the order in which they came.
   * @throws BrokenBarrierError the barrier is broken, by whatever party: its time passed, it died, its action threw,
   * or it called `abort()` or `reset()`. @throws whatever the action throws, for the party that runs it.
   */
  wait(timeout?: number | null | { timeout?: number | null }): number {
    const { milliseconds } = asyncWaitOf(this.#orDefault(timeout), 'Barrier.wait');
    const { memory } = this.place;
    for (;;) {
      const arrival = this.#round.arrive(this.action !== null);
      const inTime = waitBlocking(memory, arrival, milliseconds);
      if (arrival.mustWait) waitBlocking(memory, this.#round.newcomer(), Number.POSITIVE_INFINITY);
      else if (arrival.runsAction) return this.#act(arrival);
      else return this.#end(arrival, inTime);
    }
  }

  /**
   * {@link wait} while the event loop goes on; an action that returns a promise is awaited. Who is aborted leaves: the
   * others wait for one more.
   * @throws the signal's reason when it is aborted; the errors of {@link wait}.
   */
  async waitAsync(options?: number | null | WaitAsyncOptions): Promise<number> {
    const wait = asyncWaitOf(this.#orDefault(options), 'Barrier.waitAsync');
    const { memory } = this.place;
    wait.signal?.throwIfAborted();
    for (;;) {
      const arrival = this.#round.arrive(this.action !== null);
      const inTime = await waitAsync(memory, arrival, wait);
      if (arrival.mustWait) await waitAsync(memory, this.#round.newcomer(), { signal: wait.signal });
      else if (arrival.runsAction) return await this.#actAsync(arrival);
      else return this.#end(arrival, inTime);
    }
  }

  /** Throws all out that wait, with a `BrokenBarrierError`, and starts afresh; also heals a broken barrier. */
  reset(): void {
    this.#round.end(FILLING);
  }

  /** Breaks the barrier: all that wait, and all that come until `reset()`, get a `BrokenBarrierError`. */
  abort(): void {
    this.#round.end(BROKEN);
  }

  #orDefault<T>(timeout: T): T | number | null {
    if (typeof timeout === 'object' && timeout !== null && (timeout as WaitAsyncOptions).timeout === undefined) {
      return { ...timeout, timeout: this.timeout };
    }
    return timeout === undefined || timeout === null ? this.timeout : timeout;
  }

  #act(arrival: Arrival): number {
    let result: unknown;
    try {
      result = this.action?.();
    } catch (error) {
      this.#round.end(BROKEN, arrival.round);
      throw error;
    }
    if (typeof (result as PromiseLike<unknown> | undefined)?.then === 'function') {
      this.#round.end(BROKEN, arrival.round);
      throw new TypeError(
        'Barrier.wait: the action returned a promise, which a blocking wait cannot await; use waitAsync()',
      );
    }
    return this.#release(arrival);
  }

  async #actAsync(arrival: Arrival): Promise<number> {
    try {
      await this.action?.();
    } catch (error) {
      this.#round.end(BROKEN, arrival.round);
      throw error;
    }
    return this.#release(arrival);
  }

  #release(arrival: Arrival): number {
    if (this.#round.release(arrival.round)) return this.parties - 1;
    throw brokenError('it was reset or aborted, or a party died, while the action ran');
  }

  #end(arrival: Arrival, inTime: boolean): number {
    if (!inTime) {
      this.#round.end(BROKEN, arrival.round);
      throw brokenError('the time-out of this party passed');
    }
    if (arrival.index === THROWN_OUT)
      throw brokenError(this.broken ? 'it is broken; call reset() to use it again' : 'it was reset');
    return arrival.index;
  }
}

function brokenError(reason: string): BrokenBarrierError {
  return new BrokenBarrierError(`Barrier.wait: ${reason}`);
}

/** The parties that have arrived; one that gives up is not counted any more. */
class ArrivedQueue extends WaitQueue {
  readonly #arrived: number;

  constructor(memory: Memory, base: number, barrier: object) {
    super(memory, base, barrier);
    this.#arrived = base + ARRIVED;
  }

  protected override left(): void {
    Atomics.sub(this.memory.i32, this.#arrived, 1);
  }
}

/** The words of a barrier. */
class Round {
  readonly memory: Memory;
  readonly arrived: ArrivedQueue;
  readonly newcomers: WaitQueue;
  readonly #base: number;

  constructor(memory: Memory, base: number, barrier: object) {
    this.memory = memory;
    this.#base = base;
    this.arrived = new ArrivedQueue(memory, base, barrier);
    this.newcomers = new WaitQueue(memory, base + NEWCOMERS, barrier);
  }

  get(field: number): number {
    return Atomics.load(this.memory.i32, this.#base + field);
  }

  set(field: number, value: number): void {
    Atomics.store(this.memory.i32, this.#base + field, value);
  }

  arrive(withAction: boolean): Arrival {
    return new Arrival(this, withAction);
  }

  /** Waits until the action that runs has ended. */
  newcomer(): Contest {
    return {
      queue: this.newcomers,
      attempt: () => this.get(STATE) !== ACTING,
      beat: () => {
        this.check();
        return false;
      },
      surplus: () => {},
    };
  }

  /** Throws out all that wait; `round`: only if it is still that one. */
  end(state: number, round?: number): void {
    this.arrived.inOneStep((queue) => {
      if (round === undefined || this.get(ROUND) === round) this.throwOut(queue, state);
    });
    this.newcomers.wake(Number.POSITIVE_INFINITY);
  }

  /** Lets all pass; false if the round has ended otherwise. */
  release(round: number): boolean {
    const released = this.arrived.inOneStep((queue) => {
      if (this.get(ROUND) !== round) return false;
      return this.letPass(queue);
    });
    this.newcomers.wake(Number.POSITIVE_INFINITY);
    return released;
  }

  /** Breaks the barrier if a party that has arrived has died. */
  check(): void {
    this.arrived.inOneStep((queue) => {
      if (this.get(STATE) !== BROKEN && !this.complete(queue)) this.throwOut(queue, BROKEN);
    });
    if (this.get(STATE) === BROKEN) this.newcomers.wake(Number.POSITIVE_INFINITY);
  }

  /** Whether all that have arrived are still there. Called with the queue locked, like those below. */
  complete(queue: LockedQueue): boolean {
    const acting = this.get(STATE) === ACTING;
    if (acting && !this.memory.parties.isPresent(this.get(RUNNER))) return false;
    return queue.length() === this.get(ARRIVED) - (acting ? 1 : 0) && queue.allAlive();
  }

  letPass(queue: LockedQueue): boolean {
    const complete = this.complete(queue);
    if (complete) {
      this.#begin(FILLING);
      queue.hand(Number.POSITIVE_INFINITY, (place) => place);
    } else this.throwOut(queue, BROKEN);
    return complete;
  }

  throwOut(queue: LockedQueue, state: number): void {
    this.#begin(state);
    queue.hand(Number.POSITIVE_INFINITY, () => THROWN_OUT);
  }

  #begin(state: number): void {
    this.set(STATE, state);
    this.set(ARRIVED, 0);
    this.set(RUNNER, 0);
    Atomics.add(this.memory.i32, this.#base + ROUND, 1);
  }
}

/** One party's coming: it stands in the queue, or is the last, or comes too late or too early. */
class Arrival implements Contest {
  readonly queue: WaitQueue;
  /** The action of the round before still runs. */
  mustWait = false;
  /** It is the last, and has to run the action. */
  runsAction = false;
  round = 0;
  index = THROWN_OUT;
  readonly #round: Round;
  readonly #withAction: boolean;

  constructor(round: Round, withAction: boolean) {
    this.#round = round;
    this.queue = round.arrived;
    this.#withAction = withAction;
  }

  enter(node: number, flags: number): boolean {
    const round = this.#round;
    return round.arrived.inOneStep((queue) => {
      this.round = round.get(ROUND);
      if (round.get(STATE) === BROKEN) return false;
      if (round.get(STATE) === ACTING) {
        this.mustWait = true;
        return false;
      }
      const before = round.get(ARRIVED);
      round.set(ARRIVED, before + 1);
      if (before + 1 < round.get(PARTIES)) {
        queue.append(node, flags);
        return true;
      }
      round.set(RUNNER, round.memory.parties.self);
      round.set(STATE, ACTING);
      if (this.#withAction && round.complete(queue)) this.runsAction = true;
      else if (round.letPass(queue)) this.index = before;
      return false;
    });
  }

  attempt(): boolean {
    return false;
  }

  beat(): boolean {
    this.#round.check();
    return false;
  }

  received(gift: number): void {
    this.index = gift;
  }

  surplus(): void {}
}
