/**
 * ```
 * +0 FLAG   1 while the event is set
 * +1 wait queue of 4 words
 * +5 TIMES  how often the event was set: who waits sees that it was, even if it has been cleared since
 * ```
 */

import { beginWait } from '../memory/flow.ts';
import { type Place, SharedObject } from '../memory/handle.ts';
import { type Contest, waitAsync, waitBlocking } from '../memory/wait.ts';
import { WAIT_QUEUE_WORDS, WaitQueue } from '../memory/wait-queue.ts';
import { asyncWaitOf, type WaitAsyncOptions } from './async-wait.ts';

const FLAG = 0;
const QUEUE = 1;
const TIMES = QUEUE + WAIT_QUEUE_WORDS;
export const EVENT_BYTES = (TIMES + 1) * 4;

/**
 * A flag that one party sets and others wait for.
 *
 * Python: https://docs.python.org/3/library/threading.html#event-objects
 */
export abstract class Event extends SharedObject {
  readonly #queue: WaitQueue;
  readonly #base: number;

  protected constructor(place: Place) {
    super(place);
    this.#base = place.base;
    this.#queue = new WaitQueue(place.memory, place.base + QUEUE, this);
  }

  /** Whether the event is set. */
  isSet(): boolean {
    return Atomics.load(this.place.memory.i32, this.#base + FLAG) === 1;
  }

  /** Sets the event and wakes all who wait for it. Does nothing if it is set. */
  set(): void {
    const w = this.place.memory.i32;
    if (Atomics.exchange(w, this.#base + FLAG, 1) === 1) return;
    Atomics.add(w, this.#base + TIMES, 1);
    this.#queue.wake(Number.POSITIVE_INFINITY);
  }

  /** Clears the event: from now on, `wait` waits. */
  clear(): void {
    Atomics.store(this.place.memory.i32, this.#base + FLAG, 0);
  }

  /**
   * Blocks this thread until the event is set.
   * @param timeout seconds to wait at most (0 or less: do not wait); absent: for ever.
   * @returns true if the event is set or was set during the wait, false when the time has passed.
   */
  wait(timeout?: number | null | { timeout?: number | null }): boolean {
    const { milliseconds } = asyncWaitOf(timeout, 'Event.wait');
    if (this.isSet()) return true;
    return milliseconds > 0 && waitBlocking(this.place.memory, this.#turn(), milliseconds);
  }

  /** {@link wait} while the event loop goes on. @throws the signal's reason when it is aborted. */
  async waitAsync(options?: number | null | WaitAsyncOptions): Promise<boolean> {
    const wait = asyncWaitOf(options, 'Event.waitAsync');
    beginWait(wait.signal);
    if (this.isSet()) return true;
    return wait.milliseconds > 0 && waitAsync(this.place.memory, this.#turn(), wait);
  }

  #turn(): Contest {
    const w = this.place.memory.i32;
    const times = Atomics.load(w, this.#base + TIMES);
    return {
      queue: this.#queue,
      attempt: () => this.isSet() || Atomics.load(w, this.#base + TIMES) !== times,
      surplus: () => {},
    };
  }
}
