/**
 * ```
 * +0 mutex (mutex.ts)
 * +7 FLOW   0: the owning thread's plain code; > 0: a flow (memory/flow.ts); < 0: one acquireAsync() outside of any flow
 * +8 DEPTH  how often it is held
 * ```
 * FLOW and DEPTH are read and written by the owner of the mutex only.
 */

import { RuntimeError } from '../errors.ts';
import { beginWait, currentFlowNumber, newFlowNumber, outsideFlows, runAsFlow } from '../memory/flow.ts';
import type { Place } from '../memory/handle.ts';
import { ExclusiveLock, type HeldState } from './exclusive-lock.ts';
import { type AcquireAsyncOptions, type AcquireOptions, acquireAsyncWait, acquireMilliseconds } from './lockable.ts';
import { MUTEX_WORDS, Mutex } from './mutex.ts';

const FLOW = MUTEX_WORDS;
const DEPTH = MUTEX_WORDS + 1;
export const RLOCK_WORDS = MUTEX_WORDS + 2;

/**
 * A lock that its owner may take again; it is free when it has been released as often.
 *
 * The owner is a thread or, for what runs inside {@link withAsync}, that flow alone: other flows of the same thread
 * wait for it. An `acquireAsync()` outside of `withAsync` excludes every other one, and plain code of its thread.
 *
 * Python: https://docs.python.org/3/library/threading.html#rlock-objects
 */
export abstract class RLock extends ExclusiveLock {
  readonly #mutex: Mutex;
  readonly #base: number;

  protected constructor(place: Place) {
    super(place);
    this.#base = place.base;
    this.#mutex = new Mutex(place.memory, place.base, 'RLock', this);
  }

  /**
   * Takes the lock, again if this thread (or flow) has it already; blocks this thread until it is free.
   * @param blocking false: try once and return at once. Or `{ blocking, timeout }`.
   * @param timeout seconds to wait at most; absent, `null` or -1: for ever.
   * @returns whether the lock was taken.
   * @throws ValueError a negative time-out other than -1, or a time-out with `blocking` false.
   * @throws RuntimeError another async flow of this thread has it: blocking the thread would keep that from ending.
   * @throws OwnerDiedError its holder ended without releasing it; the lock is free now.
   */
  acquire(blocking: boolean | AcquireOptions = true, timeout?: number | null): boolean {
    const mutex = this.#mutex;
    if (mutex.tryAcquire()) return this.#enter(currentFlowNumber());
    if (mutex.owner === mutex.memory.parties.self && this.#again()) return true;
    const milliseconds = acquireMilliseconds(blocking, timeout, 'RLock.acquire');
    if (mutex.owner === mutex.memory.parties.self && milliseconds === Number.POSITIVE_INFINITY) {
      throw new RuntimeError(
        'RLock.acquire: another async flow of this thread holds the lock, and could never release it while this ' +
          'thread blocks; use acquireAsync() or withAsync()',
      );
    }
    return mutex.acquire(milliseconds) && this.#enter(currentFlowNumber());
  }

  /**
   * Takes the lock while the event loop goes on. Inside {@link withAsync} of any reentrant lock it is reentrant for
   * that flow; outside, each call excludes the others.
   * @throws the signal's reason when it is aborted; the errors of {@link acquire}.
   */
  async acquireAsync(blocking: boolean | AcquireAsyncOptions = true, timeout?: number | null): Promise<boolean> {
    return this.#acquireAs(
      currentFlowNumber() || -newFlowNumber(),
      acquireAsyncWait(blocking, timeout, 'RLock.acquireAsync'),
    );
  }

  /**
   * Undoes one `acquire`; the last one sets the lock free and wakes a waiter. Never blocks.
   * @throws RuntimeError this thread (or flow) does not have the lock.
   */
  release(): void {
    const mutex = this.#mutex;
    if (!this.isOwned()) {
      throw new RuntimeError(
        'RLock.release: the lock is not held by this thread or flow; only who acquired it can release it',
      );
    }
    const w = mutex.memory.i32;
    const depth = w[this.#base + DEPTH] - 1;
    w[this.#base + DEPTH] = depth;
    if (depth === 0) mutex.release();
  }

  /** Whether the lock is held, by whomever. */
  locked(): boolean {
    return this.#mutex.owner !== 0;
  }

  /** @internal */
  isOwned(): boolean {
    const mutex = this.#mutex;
    return mutex.owner === mutex.memory.parties.self && this.#mayRelease();
  }

  /** @internal */
  releaseAll(): HeldState {
    const w = this.#mutex.memory.i32;
    const state = { depth: w[this.#base + DEPTH], flow: w[this.#base + FLOW] };
    w[this.#base + DEPTH] = 0;
    this.#mutex.release();
    return state;
  }

  /** @internal */
  restore(state: HeldState): void {
    this.#mutex.acquire(Number.POSITIVE_INFINITY);
    this.#enter(state.flow, state.depth);
  }

  /** @internal */
  async restoreAsync(state: HeldState): Promise<void> {
    await outsideFlows(() => this.#mutex.acquireAsync({}, () => this.#enter(state.flow, state.depth)));
  }

  /** Runs `fn` as a flow that has the lock: reentrant inside `fn`, closed to every other flow of this thread. */
  override async withAsync<R>(fn: () => R | PromiseLike<R>, options: { signal?: AbortSignal } = {}): Promise<R> {
    const number = currentFlowNumber() || newFlowNumber();
    await this.#acquireAs(number, acquireAsyncWait(options, undefined, 'RLock.withAsync'));
    return runAsFlow(number, async () => {
      try {
        return await fn();
      } finally {
        this.release();
      }
    });
  }

  async #acquireAs(flow: number, wait: { milliseconds: number; signal?: AbortSignal }): Promise<boolean> {
    const mutex = this.#mutex;
    beginWait(wait.signal);
    if (mutex.tryAcquire()) return this.#enter(flow);
    if (mutex.owner === mutex.memory.parties.self && this.#again()) return true;
    return mutex.acquireAsync(wait, () => this.#enter(flow));
  }

  #enter(flow: number, depth = 1): true {
    const w = this.#mutex.memory.i32;
    w[this.#base + FLOW] = flow;
    w[this.#base + DEPTH] = depth;
    return true;
  }

  /** This thread has the lock: takes it once more if it is this flow that has it. */
  #again(): boolean {
    const w = this.#mutex.memory.i32;
    if (w[this.#base + FLOW] !== currentFlowNumber()) return false;
    w[this.#base + DEPTH] += 1;
    return true;
  }

  #mayRelease(): boolean {
    const flow = this.#mutex.memory.i32[this.#base + FLOW];
    return flow < 0 || flow === currentFlowNumber();
  }
}
