/**
 * ```
 * +0 WORD   `free permits << 1 | CONTENDED`
 * +1 BOUND  how many there may be at most (BoundedSemaphore), -1: no bound
 * +2 wait queue of 4 words
 * ```
 *
 * CONTENDED is set by everybody who finds no permit and is about to wait; only then does a release look at the queue, and
 * takes the flag back when nobody is left in it.
 *
 * A permit that is released is added to WORD and one waiter is woken to try for it: newcomers may be faster, and a waiter
 * that dies on its way has taken nothing. A waiter that was overtaken for a millisecond is handed the permit without its
 * ever being free.
 */

import { ValueError } from '../errors.ts';
import { beginWait } from '../memory/flow.ts';
import type { Place } from '../memory/handle.ts';
import type { Memory } from '../memory/memory.ts';
import { type Contest, waitAsync, waitBlocking } from '../memory/wait.ts';
import { HANDED, WAIT_QUEUE_WORDS, WaitQueue, WOKEN } from '../memory/wait-queue.ts';
import { type AcquireAsyncOptions, type AcquireOptions, checkSignal, Lockable } from './lockable.ts';
import { describe, toMilliseconds } from './timeout.ts';

const WORD = 0;
const BOUND = 1;
const QUEUE = 2;
const CONTENDED = 1;
const LARGEST = 0x3fff_ffff;
export const SEMAPHORE_BYTES = (QUEUE + WAIT_QUEUE_WORDS) * 4;

/** Constructor options of a semaphore. */
export interface SemaphoreOptions {
  /** Permits at first (default 1). */
  value?: number;
}

/** Sets up a fresh place. */
export function initialiseSemaphore(place: Place, value: number | SemaphoreOptions, bounded: boolean): Place {
  const who = bounded ? 'BoundedSemaphore' : 'Semaphore';
  const permits = typeof value === 'object' && value !== null ? (value.value ?? 1) : value;
  if (typeof permits !== 'number' || !Number.isInteger(permits)) {
    throw new TypeError(`${who}: the initial value must be an integer, not ${describe(permits)}`);
  }
  if (permits < 0 || permits > LARGEST) {
    throw new ValueError(`${who}: the initial value must be from 0 to ${LARGEST}, not ${permits}`);
  }
  Atomics.store(place.memory.i32, place.base + WORD, permits << 1);
  Atomics.store(place.memory.i32, place.base + BOUND, bounded ? permits : -1);
  return place;
}

/**
 * A number of permits: `acquire` takes one and waits while there is none, `release` gives some back. Nobody owns a
 * permit, so that any thread or process may release; one that dies with a permit keeps it.
 *
 * Python: https://docs.python.org/3/library/threading.html#semaphore-objects
 */
export abstract class Semaphore extends Lockable {
  readonly #base: number;
  readonly #turn: Turn;

  protected constructor(place: Place) {
    super(place);
    this.#base = place.base;
    this.#turn = new Turn(place, this);
  }

  /**
   * Takes a permit; blocks this thread until there is one.
   * @param blocking false: try once and return at once. Or `{ blocking, timeout }`.
   * @param timeout seconds to wait at most (0 or less: try once); absent or `null`: for ever.
   * @returns whether a permit was taken.
   * @throws ValueError a time-out with `blocking` false.
   */
  acquire(blocking: boolean | AcquireOptions = true, timeout?: number | null): boolean {
    if (blocking === true && timeout === undefined && this.#turn.attempt(false)) return true;
    const milliseconds = semaphoreMilliseconds(blocking, timeout, `${this.constructor.name}.acquire`);
    if (this.#turn.attempt(false)) return true;
    return milliseconds > 0 && waitBlocking(this.place.memory, this.#turn, milliseconds);
  }

  /**
   * Takes a permit while the event loop goes on: {@link acquire} as a promise, with an optional `signal`.
   * @throws the signal's reason when it is aborted; the errors of {@link acquire}.
   */
  async acquireAsync(blocking: boolean | AcquireAsyncOptions = true, timeout?: number | null): Promise<boolean> {
    beginWait(undefined);
    if (blocking === true && timeout === undefined && this.#turn.attempt(false)) return true;
    const who = `${this.constructor.name}.acquireAsync`;
    const milliseconds = semaphoreMilliseconds(blocking, timeout, who);
    const signal = checkSignal(blocking, who);
    signal?.throwIfAborted();
    if (this.#turn.attempt(false)) return true;
    return milliseconds > 0 && waitAsync(this.place.memory, this.#turn, { milliseconds, signal });
  }

  /**
   * Gives `n` permits back and wakes as many waiters. Never blocks.
   * @throws ValueError `n` is less than 1; or, for a `BoundedSemaphore`, there would be more permits than at first:
   * then nothing is given back.
   */
  release(n = 1): void {
    if (n !== 1) this.#checkCount(n);
    const w = this.place.memory.i32;
    const word = this.#base + WORD;
    const bound = w[this.#base + BOUND];
    for (;;) {
      const before = Atomics.load(w, word);
      if ((before >> 1) + n > (bound < 0 ? LARGEST : bound)) this.#overflow(before >> 1, n, bound);
      if ((before & CONTENDED) !== 0) break;
      if (Atomics.compareExchange(w, word, before, before + 2 * n) === before) return;
    }
    for (let i = 0; i < n; i++) this.#turn.giveOne();
  }

  #checkCount(n: unknown): void {
    if (typeof n !== 'number' || !Number.isInteger(n)) {
      throw new TypeError(`${this.constructor.name}.release: n must be an integer, not ${describe(n)}`);
    }
    if (n < 1) throw new ValueError(`${this.constructor.name}.release: n must be one or more, not ${n}`);
  }

  #overflow(value: number, n: number, bound: number): never {
    const who = `${this.constructor.name}.release`;
    if (bound < 0) throw new ValueError(`${who}: ${value} permits are free, and ${n} more would exceed ${LARGEST}`);
    throw new ValueError(
      `${who}: released too many times: ${value} of ${bound} permits are free, and ${n} more would be more than at ` +
        'first; call release() once for each acquire()',
    );
  }
}

/** The permits that are free just now. */
export function permitsOf(semaphore: Semaphore): number {
  return Atomics.load(semaphore.place.memory.i32, semaphore.place.base + WORD) >> 1;
}

class Turn implements Contest {
  readonly queue: WaitQueue;
  readonly #memory: Memory;
  readonly #word: number;

  constructor(place: Place, semaphore: Semaphore) {
    this.#memory = place.memory;
    this.#word = place.base + WORD;
    this.queue = new WaitQueue(place.memory, place.base + QUEUE, semaphore);
  }

  attempt(contended: boolean): boolean {
    const w = this.#memory.i32;
    for (;;) {
      const word = Atomics.load(w, this.#word);
      if (word > CONTENDED) {
        if (Atomics.compareExchange(w, this.#word, word, word - 2) === word) return true;
      } else if (!contended || word === CONTENDED || Atomics.compareExchange(w, this.#word, 0, CONTENDED) === 0) {
        return false;
      }
    }
  }

  surplus(handed: boolean): void {
    if (handed) this.giveOne();
    else if (Atomics.load(this.#memory.i32, this.#word) > CONTENDED) this.queue.wake(1);
  }

  /** Gives one permit back: to the first waiter if it starves, to everybody otherwise. */
  giveOne(): void {
    const w = this.#memory.i32;
    this.queue.wakeFirst((node, more) => {
      const hand =
        node !== 0 && this.queue.isStarving(node) && this.#memory.parties.isPresent(this.queue.partyOf(node));
      for (;;) {
        const word = Atomics.load(w, this.#word);
        const after = ((word & ~CONTENDED) + (hand ? 0 : 2)) | (more ? CONTENDED : 0);
        if (Atomics.compareExchange(w, this.#word, word, after) === word) return hand ? HANDED : WOKEN;
      }
    });
  }
}

/** The time-out rules of `threading.Semaphore`: a negative one is no time at all. */
function semaphoreMilliseconds(
  blocking: boolean | AcquireOptions,
  timeout: number | null | undefined,
  who: string,
): number {
  if (typeof blocking === 'object' && blocking !== null) {
    timeout = blocking.timeout;
    blocking = blocking.blocking ?? true;
  }
  if (typeof blocking !== 'boolean') {
    throw new TypeError(`${who}: blocking must be a boolean or an options object, not ${describe(blocking)}`);
  }
  if (blocking) return Math.max(toMilliseconds(timeout, who), 0);
  if (timeout === undefined || timeout === null) return 0;
  throw new ValueError(`${who}: a time-out (${timeout}) makes no sense without blocking; leave one of them out`);
}
