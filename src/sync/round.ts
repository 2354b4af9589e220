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

import type { Memory } from '../memory/memory.ts';
import type { Contest } from '../memory/wait.ts';
import { type LockedQueue, WAIT_QUEUE_WORDS, WaitQueue } from '../memory/wait-queue.ts';

export const PARTIES = 4;
export const STATE = 5;
export const ARRIVED = 6;
const RUNNER = 7;
const ROUND = 8;
const NEWCOMERS = 9;
export const BARRIER_BYTES = (NEWCOMERS + WAIT_QUEUE_WORDS) * 4;

export const FILLING = 0;
const ACTING = 1;
export const BROKEN = 2;

/** What a party that waits is handed instead of its index. */
export const THROWN_OUT = -1;

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
export class Round {
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
export class Arrival implements Contest {
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
