/**
 * What this thread knows of a future:
 *
 *     pending → running → finished        pending → cancelled
 *
 * What brings it forward is mail (mail.ts): from the worker that runs the task, or from another thread that has the
 * same future (future-cell.ts).
 */

import { CancelledError, InvalidStateError, RuntimeError, TimeoutError } from '../errors.ts';
import type { Memory } from '../memory/memory.ts';
import { attachCallerStack } from '../pickle/index.ts';
import { toMilliseconds } from '../sync/timeout.ts';
import { collectNow, collectUntil } from './collect.ts';
import { runDueCallbacks } from './due-callbacks.ts';
import { CELL_CANCELLED, CELL_ERROR, CELL_PENDING, CELL_RUNNING, FutureCell } from './future-cell.ts';
import type { FutureSource } from './future-source.ts';
import { FutureWaiters } from './future-waiters.ts';
import { DROPPED, THROWN } from './mail.ts';

const PENDING = 0;
export const RUNNING = 1;
export const CANCELLED = 2;
const FINISHED = 3;

const STATE_NAMES = ['pending', 'running', 'cancelled', 'finished'];

const CELL_TO_STATE = [PENDING, RUNNING, CANCELLED, FINISHED, FINISHED];

export class FutureState {
  readonly #future: object;
  #state = PENDING;
  #value: unknown;
  /** What was thrown; meaningful when `#failed`. */
  #failed = false;
  #waiters: FutureWaiters | null = null;
  #source: FutureSource | null = null;
  #task = 0;
  #cell: FutureCell | null = null;
  #site: { stack?: string } | null = null;
  /** Subscribed to its cell. */
  #subscribed = false;

  constructor(future: object) {
    this.#future = future;
  }

  /** Where it was submitted, and what will settle it. */
  follow(source: FutureSource, task: number, site: { stack?: string } | null): void {
    this.#source = source;
    this.#task = task;
    this.#site = site;
  }

  /** It runs. */
  started(): void {
    if (this.#state === PENDING) this.#state = RUNNING;
  }

  /** What it was told by mail. */
  ended(code: number, value: unknown): void {
    if (this.#state >= CANCELLED) return;
    if (code === DROPPED) this.#end(CANCELLED, undefined, false);
    else {
      if (code === THROWN) attachCallerStack(value, this.#site?.stack);
      this.#end(FINISHED, value, code === THROWN);
    }
  }

  /** Looks for news. Returns the state. */
  refresh(): number {
    if (this.#state < CANCELLED) collectNow();
    if (this.#state >= CANCELLED) return this.#state;
    if (this.#source !== null) {
      if (this.#source.isRunning(this.#task)) this.#state = RUNNING;
    } else if (this.#cell !== null) this.#read(this.#cell);
    return this.#state;
  }

  /** The value or, if it has failed, what was thrown. */
  get value(): unknown {
    return this.#value;
  }

  /**
   * Blocks this thread until it has ended. Returns whether it has failed.
   * @throws TimeoutError it did not end in time. @throws CancelledError it was cancelled.
   */
  awaitEnd(timeout: number | null | undefined | { timeout?: number | null }, who: string): boolean {
    const seconds = typeof timeout === 'object' && timeout !== null ? timeout.timeout : timeout;
    const milliseconds = toMilliseconds(seconds, who);
    if (this.refresh() < CANCELLED) {
      this.#subscribe();
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
    if (this.#state === CANCELLED) throw cancelledError();
    return this.#failed;
  }

  /** Has a callback of the user called with the future, soon after its end. */
  addCallback(callback: (future: never) => unknown): void {
    this.#waiters ??= new FutureWaiters();
    this.#waiters.addCallback(callback);
    this.#subscribe();
  }

  /** Has `listener` called at once when it is done, in the middle of whatever goes on. */
  listen(listener: () => void): void {
    this.#waiters ??= new FutureWaiters();
    this.#waiters.addListener(listener);
    this.#subscribe();
  }

  /** Whether it cannot be done before this thread's event loop turns. */
  get needsLoop(): boolean {
    return this.#source?.needsLoop === true;
  }

  /** The promise of the outcome. */
  promise(): Promise<unknown> {
    this.#waiters ??= new FutureWaiters();
    return this.#waiters.promise ?? this.#makePromise(this.#waiters);
  }

  #makePromise(waiters: FutureWaiters): Promise<unknown> {
    const promise = waiters.makePromise();
    if (this.refresh() >= CANCELLED) this.#tell();
    else {
      this.#subscribe();
      waiters.unawaited = this.#source?.whileAwaited(this.#task, (error) => this.#end(FINISHED, error, true)) ?? null;
    }
    return promise;
  }

  cancel(): boolean {
    collectNow();
    if (this.#state === CANCELLED) return true;
    if (this.#state !== PENDING) return false;
    if (this.#source !== null ? !this.#source.cancel(this.#task) : this.#cell !== null && !this.#cell.cancel()) {
      return this.refresh() === CANCELLED;
    }
    this.#end(CANCELLED, undefined, false);
    return true;
  }

  /** Sets the outcome. @throws InvalidStateError it has one, or was cancelled. */
  set(value: unknown, failed: boolean, who: string): void {
    if (this.refresh() >= CANCELLED || (this.#cell !== null && !this.#cell.settle(failed, value))) {
      collectNow();
      throw new InvalidStateError(`${who}: the future is ${STATE_NAMES[this.#state]} already`);
    }
    if (this.#state < CANCELLED) this.#end(FINISHED, value, failed);
  }

  /** It runs, and cannot be cancelled any more. Returns false if it was. @throws RuntimeError it was not pending. */
  run(who: string): boolean {
    this.refresh();
    const before = this.#cell === null ? this.#state : CELL_TO_STATE[this.#cell.run()];
    if (before === CANCELLED) return false;
    if (before !== PENDING) throw new RuntimeError(`${who}: the future is ${STATE_NAMES[before]}, not pending`);
    this.#state = RUNNING;
    return true;
  }

  /** In which memory it is known to others, if that is settled. */
  get kind(): 'local' | 'system' | null {
    return this.#cell?.place.memory.kind ?? this.#source?.kind ?? null;
  }

  /** The cell through which other threads know it; made when it is first sent. */
  share(memory: Memory): FutureCell {
    if (this.#cell !== null) return this.#cell;
    collectNow();
    if (this.#state < CANCELLED && this.#source !== null) this.#cell = this.#source.share(this.#task);
    else this.#cell = FutureCell.create(memory);
    if (this.#state >= CANCELLED) this.#publish(this.#cell);
    else if (this.#source === null) {
      if (this.#state === RUNNING) this.#cell.run();
      if (this.#waiters !== null) this.#subscribe();
    }
    return this.#cell;
  }

  /** It came from another thread. */
  attach(cell: FutureCell): void {
    this.#cell = cell;
  }

  /** Somebody here wants to know: from now on the program stays alive for it. */
  #subscribe(): void {
    if (this.#cell === null || this.#source !== null || this.#subscribed || this.#state >= CANCELLED) return;
    this.#subscribed = true;
    this.#cell.subscribe({
      group: null,
      started: () => this.started(),
      ended: (code, value) => this.ended(code, value),
    });
  }

  #read(cell: FutureCell): void {
    const { state } = cell;
    if (state === CELL_RUNNING) this.#state = RUNNING;
    else if (state === CELL_CANCELLED) this.#end(CANCELLED, undefined, false);
    else if (state !== CELL_PENDING) this.#end(FINISHED, cell.outcome, state === CELL_ERROR);
  }

  #publish(cell: FutureCell): void {
    if (this.#state === CANCELLED) cell.cancel();
    else cell.settle(this.#failed, this.#value);
  }

  #end(state: number, value: unknown, failed: boolean): void {
    this.#state = state;
    this.#value = value;
    this.#failed = failed;
    // The worker has published it, unless it saw no cell yet.
    if (this.#cell !== null && this.#source !== null) this.#publish(this.#cell);
    this.#source = null;
    this.#site = null;
    this.#tell();
  }

  #tell(): void {
    if (this.#waiters === null) return;
    if (this.#state === CANCELLED) this.#waiters.tell(this.#future, true, cancelledError());
    else this.#waiters.tell(this.#future, this.#failed, this.#value);
  }
}

function cancelledError(): CancelledError {
  return new CancelledError('the future was cancelled');
}
