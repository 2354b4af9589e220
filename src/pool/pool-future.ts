import { registerReducer } from '../pickle/reducer.ts';
import { publishEnd, publishStart, publishSubmit, startIsWatched } from './events.ts';
import { Future, futureReducer, MAIL, START } from './future.ts';
import { type Addressee, DROPPED, THROWN } from './mailbox.ts';
import { clock } from './slots.ts';
import type { Statistics } from './statistics.ts';
import type { TaskLimits } from './task-limits.ts';

/** The future of a task of one of our own executors: it is told by mail. */
export class PoolFuture extends Future implements Addressee {
  /** The signal and the time-out of the task, if it has any. */
  limits: TaskLimits | null = null;
  readonly #pending: Set<PoolFuture>;
  readonly #statistics: Statistics;
  readonly #submittedAt = clock();
  #event: object | null = null;

  constructor(pending: Set<PoolFuture>, statistics: Statistics) {
    super();
    this.#pending = pending;
    this.#statistics = statistics;
  }

  /** The task is in the queue. */
  submitted(executor: object, fn: unknown): void {
    this.#pending.add(this);
    this.#event = publishSubmit(executor, this, fn);
  }

  /** Whether somebody wants to know when tasks start. */
  static get startIsWatched(): boolean {
    return startIsWatched();
  }

  override cancel(): boolean {
    const cancelled = super.cancel();
    if (cancelled) this.#over('cancelled', undefined);
    return cancelled;
  }

  started(at: number): void {
    this[START]();
    this.limits?.started(at);
    if (this.#event !== null) publishStart(this.#event, at - this.#submittedAt);
  }

  ended(code: number, value: unknown, startedAt: number, endedAt: number): void {
    const wasPending = this.#pending.has(this);
    this[MAIL](code, value);
    if (!wasPending) return;
    if (code !== DROPPED) this.#statistics.count(code === THROWN, startedAt - this.#submittedAt, endedAt - startedAt);
    this.#over(code === DROPPED ? 'cancelled' : code === THROWN ? 'failed' : 'done', value);
  }

  #over(outcome: 'done' | 'failed' | 'cancelled', value: unknown): void {
    if (!this.#pending.delete(this)) return;
    this.limits?.end();
    this.limits = null;
    if (this.#event !== null) publishEnd(this.#event, outcome, outcome === 'failed' ? value : undefined);
    if (outcome === 'cancelled') this.#statistics.countCancelled();
  }
}
registerReducer(PoolFuture, futureReducer);
