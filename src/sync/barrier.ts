/** The layout and the states of a barrier are in round.ts. */

import { BrokenBarrierError, ValueError } from '../errors.ts';
import { beginWait } from '../memory/flow.ts';
import { type Place, SharedObject } from '../memory/handle.ts';
import { waitAsync, waitBlocking } from '../memory/wait.ts';
import { asyncWaitOf, type WaitAsyncOptions } from './async-wait.ts';
import { ARRIVED, type Arrival, BROKEN, FILLING, PARTIES, Round, STATE, THROWN_OUT } from './round.ts';
import { describe, toMilliseconds } from './timeout.ts';

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
    beginWait(wait.signal);
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
