/**
 * A result that will be there later: CPython's `concurrent.futures.Future`, which is a promise too.
 *
 *     pending → running → finished        pending → cancelled
 *
 * The state is here, in the thread that has the object. What brings it forward is mail (mailbox.ts): from the worker
 * that runs the task, or from another thread that has the same future (future-cell.ts).
 */

import { CancelledError, InvalidStateError, PicklingError, RuntimeError, TimeoutError } from '../errors.ts';
import { interruptible } from '../memory/flow.ts';
import { localMemory } from '../memory/local-memory.ts';
import type { Memory } from '../memory/memory.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { attachCallerStack } from '../pickle/index.ts';
import { type Reducer, registerReducer } from '../pickle/reducer.ts';
import { describe, toMilliseconds } from '../sync/timeout.ts';
import { collectNow, collectUntil } from './collect.ts';
import { callReporting, callSoon, runDueCallbacks } from './due-callbacks.ts';
import { CELL_CANCELLED, CELL_ERROR, CELL_PENDING, CELL_RUNNING, cellAt, FutureCell } from './future-cell.ts';
import { type Addressee, DROPPED, Mailbox, THROWN } from './mailbox.ts';

/** What other files of this folder do with a future. */
export const FOLLOW: unique symbol = Symbol('follow');
export const LISTEN: unique symbol = Symbol('listen');
export const MAIL: unique symbol = Symbol('mail');
export const NEEDS_LOOP: unique symbol = Symbol('needs loop');
export const START: unique symbol = Symbol('start');
const SHARE: unique symbol = Symbol('share');
const ATTACH: unique symbol = Symbol('attach');
const KIND: unique symbol = Symbol('kind');

const PENDING = 0;
const RUNNING = 1;
const CANCELLED = 2;
const FINISHED = 3;

const STATE_NAMES = ['pending', 'running', 'cancelled', 'finished'];

/** Where futures' outcomes come from: the tasks of a pool, each with a number. */
export interface FutureSource {
  /** In which memory. */
  readonly kind: 'local' | 'system';
  /** Whether the outcome comes through this thread's event loop only: blocking this thread for it could not end. */
  readonly needsLoop?: boolean;
  /** Cancels the task, if it has not begun. */
  cancel(task: number): boolean;
  /** Whether a worker has begun with it. */
  isRunning(task: number): boolean;
  /** Called before a thread blocks for it without a time-out. Throws if that could not end; returns what to call after. */
  beforeBlocking(task: number): () => void;
  /** Somebody awaits it. `fail` is told if that could not end. Returns what to call when it has ended. */
  whileAwaited(task: number, fail: (error: Error) => void): () => void;
  /** Has the outcome published for other threads too. */
  share(task: number): FutureCell;
}

/**
 * The result of a task that was submitted to an executor. It can be awaited, and {@link result} blocks any thread.
 *
 * A future may be sent to other threads (one of a `ProcessPoolExecutor` to other processes too), and each may wait.
 *
 * Python: https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Future
 */
export class Future<T = unknown> implements PromiseLike<T> {
  #state = PENDING;
  #value: unknown;
  /** What was thrown; meaningful when `#failed`. */
  #failed = false;
  #callbacks: ((future: Future<T>) => unknown)[] | null = null;
  #listeners: (() => void)[] | null = null;
  #promise: Promise<T> | null = null;
  #resolve: ((value: T) => void) | null = null;
  #reject: ((error: unknown) => void) | null = null;
  #source: FutureSource | null = null;
  #task = 0;
  #cell: FutureCell | null = null;
  #site: { stack?: string } | null = null;
  /** Subscribed to its cell. */
  #follows = false;
  #unawaited: (() => void) | null = null;

  /** Where it was submitted, and what will settle it. @internal */
  [FOLLOW](source: FutureSource, task: number, site: { stack?: string } | null): void {
    this.#source = source;
    this.#task = task;
    this.#site = site;
  }

  /**
   * The task's result; blocks this thread until it is there.
   * @param timeout seconds to wait at most; absent or `null`: for ever.
   * @throws TimeoutError it was not there in time. @throws CancelledError it was cancelled. Else what the task has thrown.
   */
  result(timeout?: number | null | { timeout?: number | null }): T {
    this.#await(timeout, 'Future.result');
    if (this.#state === CANCELLED) throw cancelledError();
    if (this.#failed) throw this.#value;
    return this.#value as T;
  }

  /**
   * What the task has thrown, `null` if it has not; blocks this thread until it has ended.
   * @throws TimeoutError it did not end in time. @throws CancelledError it was cancelled.
   */
  exception(timeout?: number | null | { timeout?: number | null }): unknown {
    this.#await(timeout, 'Future.exception');
    if (this.#state === CANCELLED) throw cancelledError();
    return this.#failed ? this.#value : null;
  }

  /** Cancels the task. @returns false if it runs or has ended: it then goes on. */
  cancel(): boolean {
    collectNow();
    if (this.#state === CANCELLED) return true;
    if (this.#state !== PENDING) return false;
    if (this.#source !== null ? !this.#source.cancel(this.#task) : this.#cell !== null && !this.#cell.cancel()) {
      this.#refresh();
      return (this.#state as number) === CANCELLED;
    }
    this.#end(CANCELLED, undefined, false);
    return true;
  }

  /** Whether it was cancelled. */
  cancelled(): boolean {
    this.#refresh();
    return this.#state === CANCELLED;
  }

  /** Whether the task is being run just now. */
  running(): boolean {
    this.#refresh();
    return this.#state === RUNNING;
  }

  /** Whether it has ended, or was cancelled. */
  done(): boolean {
    this.#refresh();
    return this.#state >= CANCELLED;
  }

  /**
   * Has `fn` called with this future when it has ended or was cancelled, in the thread that calls this: when its event
   * loop turns, or in a blocking call that waits for results; at once if it is done. One that throws is reported to
   * the standard error output and harms nothing.
   */
  addDoneCallback(fn: (future: Future<T>) => unknown): void {
    if (typeof fn !== 'function') throw new TypeError(`Future.addDoneCallback: needs a function, not ${describe(fn)}`);
    if (this.done()) callReporting(fn, this, 'a Future');
    else {
      if (this.#callbacks === null) this.#callbacks = [fn];
      else this.#callbacks.push(fn);
      this.#follow();
    }
  }

  /** Waits while the event loop goes on: `await future`. Rejects with what the task has thrown. */
  // biome-ignore lint/suspicious/noThenProperty: a future is a promise
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (this.#promise === null) {
      this.#promise = new Promise<T>((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
      });
      this.#refresh();
      if (this.#state >= CANCELLED) this.#settlePromise();
      else {
        this.#follow();
        this.#unawaited = this.#source?.whileAwaited(this.#task, (error) => this.#end(FINISHED, error, true)) ?? null;
      }
    }
    return interruptible(this.#promise).then(onFulfilled, onRejected);
  }

  /** As that of a promise. */
  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(null, onRejected);
  }

  /** As that of a promise. */
  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.then().finally(onFinally);
  }

  /** For who makes futures: sets the result. @throws InvalidStateError it has one, or was cancelled. */
  setResult(value: T): void {
    this.#set(value, false, 'setResult');
  }

  /** For who makes futures: sets what `result` throws. @throws InvalidStateError it has an outcome, or was cancelled. */
  setException(error: unknown): void {
    this.#set(error, true, 'setException');
  }

  /**
   * For who makes futures: it runs from now on, and cannot be cancelled any more. @returns false if it was cancelled.
   * @throws RuntimeError it runs already, or has ended.
   */
  setRunningOrNotifyCancel(): boolean {
    this.#refresh();
    const before = this.#cell === null ? this.#state : CELL_TO_STATE[this.#cell.run()];
    if (before === CANCELLED) return false;
    if (before !== PENDING) {
      throw new RuntimeError(`Future.setRunningOrNotifyCancel: the future is ${STATE_NAMES[before]}, not pending`);
    }
    this.#state = RUNNING;
    return true;
  }

  /** @internal Has `listener` called at once when it is done, in the middle of whatever goes on. */
  [LISTEN](listener: () => void): void {
    if (this.#listeners === null) this.#listeners = [listener];
    else this.#listeners.push(listener);
    this.#follow();
  }

  /** @internal What it was told by mail. */
  [MAIL](code: number, value: unknown): void {
    if (this.#state >= CANCELLED) return;
    if (code === DROPPED) this.#end(CANCELLED, undefined, false);
    else {
      if (code === THROWN) attachCallerStack(value, this.#site?.stack);
      this.#end(FINISHED, value, code === THROWN);
    }
  }

  /** @internal Whether it cannot be done before this thread's event loop turns. */
  get [NEEDS_LOOP](): boolean {
    return this.#source?.needsLoop === true;
  }

  /** @internal It runs. */
  [START](): void {
    if (this.#state === PENDING) this.#state = RUNNING;
  }

  /** @internal The cell through which other threads know it; made when it is first sent. */
  [SHARE](memory: Memory): FutureCell {
    if (this.#cell !== null) return this.#cell;
    collectNow();
    if (this.#state < CANCELLED && this.#source !== null) this.#cell = this.#source.share(this.#task);
    else this.#cell = FutureCell.create(memory);
    if (this.#state === CANCELLED) this.#cell.cancel();
    else if (this.#state === FINISHED) this.#cell.settle(this.#failed, this.#value);
    else if (this.#source === null) {
      if (this.#state === RUNNING) this.#cell.run();
      if (this.#promise !== null || this.#callbacks !== null || this.#listeners !== null) this.#follow();
    }
    return this.#cell;
  }

  /** @internal In which memory it is known to others, if that is settled. */
  get [KIND](): 'local' | 'system' | null {
    return this.#cell?.place.memory.kind ?? this.#source?.kind ?? null;
  }

  /** @internal It came from another thread. */
  [ATTACH](cell: FutureCell): void {
    this.#cell = cell;
  }

  /** Somebody here wants to know: from now on the program stays alive for it. */
  #follow(): void {
    const cell = this.#cell;
    if (cell === null || this.#source !== null || this.#follows || this.#state >= CANCELLED) return;
    this.#follows = true;
    const mailbox = Mailbox.in(cell.place.memory);
    const addressee: Addressee = {
      started: () => this[START](),
      group: null,
      ended: (code, value) => this[MAIL](code, value),
    };
    cell.subscribe(mailbox, mailbox.open(addressee, 0));
  }

  #await(timeout: number | null | undefined | { timeout?: number | null }, who: string): void {
    const seconds = typeof timeout === 'object' && timeout !== null ? timeout.timeout : timeout;
    const milliseconds = toMilliseconds(seconds, who);
    this.#refresh();
    if (this.#state < CANCELLED) {
      this.#follow();
      const after = milliseconds === Number.POSITIVE_INFINITY ? this.#source?.beforeBlocking(this.#task) : undefined;
      try {
        collectUntil(() => this.#state >= CANCELLED, milliseconds, who);
      } finally {
        after?.();
      }
    } else runDueCallbacks();
    if (this.#state < CANCELLED) {
      throw new TimeoutError(`${who}: the task has not ended within ${seconds} seconds; it goes on`);
    }
  }

  #refresh(): void {
    if (this.#state >= CANCELLED) return;
    collectNow();
    if (this.#state >= CANCELLED) return;
    if (this.#source !== null) {
      if (this.#source.isRunning(this.#task)) this.#state = RUNNING;
      return;
    }
    const cell = this.#cell;
    if (cell === null) return;
    const { state } = cell;
    if (state === CELL_RUNNING) this.#state = RUNNING;
    else if (state === CELL_CANCELLED) this.#end(CANCELLED, undefined, false);
    else if (state !== CELL_PENDING) this.#end(FINISHED, cell.outcome, state === CELL_ERROR);
  }

  #set(value: unknown, failed: boolean, method: string): void {
    this.#refresh();
    if (this.#state >= CANCELLED || (this.#cell !== null && !this.#cell.settle(failed, value))) {
      collectNow();
      throw new InvalidStateError(`Future.${method}: the future is ${STATE_NAMES[this.#state]} already`);
    }
    if (this.#state < CANCELLED) this.#end(FINISHED, value, failed);
  }

  #end(state: number, value: unknown, failed: boolean): void {
    this.#state = state;
    this.#value = value;
    this.#failed = failed;
    const cell = this.#cell;
    if (cell !== null && this.#source !== null) {
      // The worker has published it, unless it saw no cell yet.
      if (state === CANCELLED) cell.cancel();
      else cell.settle(failed, value);
    }
    this.#source = null;
    this.#site = null;
    this.#unawaited?.();
    this.#unawaited = null;
    if (this.#promise !== null) this.#settlePromise();
    const listeners = this.#listeners;
    this.#listeners = null;
    if (listeners !== null) for (const listener of listeners) listener();
    const callbacks = this.#callbacks;
    this.#callbacks = null;
    if (callbacks !== null) {
      callSoon(() => {
        for (const callback of callbacks) callReporting(callback, this, 'a Future');
      });
    }
  }

  #settlePromise(): void {
    if (this.#state === CANCELLED) this.#reject?.(cancelledError());
    else if (this.#failed) this.#reject?.(this.#value);
    else this.#resolve?.(this.#value as T);
    this.#resolve = null;
    this.#reject = null;
  }
}

const CELL_TO_STATE = [PENDING, RUNNING, CANCELLED, FINISHED, FINISHED];

function cancelledError(): CancelledError {
  return new CancelledError('the future was cancelled');
}

const attached = new WeakMap<FutureCell, Future>();

/** How futures of whatever class travel: each thread gets a plain one. */
export const futureReducer: Reducer<Future> = {
  tag: 'futures.Future',
  dump(future: Future, context): ['local' | 'system', number] {
    const known = future[KIND];
    const kind = known ?? (context.scope === 'process' ? 'system' : 'local');
    if (kind === 'local' && context.scope === 'process') {
      throw new PicklingError(
        `${context.path()}: this Future exists in one process only and cannot be sent to another; ` +
          'send the result when it is there, or submit to a ProcessPoolExecutor',
      );
    }
    const memory = kind === 'local' ? localMemory() : systemMemory();
    const cell = future[SHARE](memory);
    attached.set(cell, future);
    context.addReference(cell);
    return [kind, cell.place.base];
  },
  load([kind, payload]: ['local' | 'system', number]): Future {
    const memory = kind === 'local' ? localMemory() : systemMemory();
    const cell = cellAt(memory, payload);
    let future = attached.get(cell);
    if (future === undefined) {
      future = new Future();
      attached.set(cell, future);
      future[ATTACH](cell);
    }
    return future;
  },
};
registerReducer(Future, futureReducer);
