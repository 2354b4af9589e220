import type { Memory } from '../memory/memory.ts';
import { registerReducer } from '../pickle/reducer.ts';
import { publishEnd, publishStart, publishSubmit, type TaskEvent } from './events.ts';
import { Future, STATE } from './future.ts';
import { futureReducer } from './future-reducer.ts';
import { DROPPED, THROWN } from './mail.ts';
import { type Addressee, Mailbox } from './mailbox.ts';
import { Statistics } from './statistics.ts';
import type { TaskLimits } from './task-limits.ts';

/** The tasks of one executor object that have not ended, and what became of the others. */
export class TaskGroup {
  pending = 0;
  readonly statistics = new Statistics();

  /** Those that have not ended. */
  futures(memory: Memory): PoolFuture[] {
    return Mailbox.in(memory).of(this) as PoolFuture[];
  }
}

/** The future of a task of one of our own executors: it is told by mail. */
export class PoolFuture extends Future implements Addressee {
  readonly group: TaskGroup;
  /** The signal and the time-out of the task, if it has any. */
  limits: TaskLimits | null = null;
  #counted = false;
  #event: TaskEvent | null = null;

  constructor(group: TaskGroup) {
    super();
    this.group = group;
  }

  /** The task is in the queue. */
  submitted(executor: object, fn: unknown): void {
    this.#counted = true;
    this.group.pending++;
    this.#event = publishSubmit(executor, this, fn);
  }

  override cancel(): boolean {
    const cancelled = super.cancel();
    if (cancelled) this.#over('cancelled', undefined);
    return cancelled;
  }

  started(at: number, submittedAt: number): void {
    this[STATE].started();
    this.limits?.started(at);
    if (this.#event !== null) publishStart(this.#event, at - submittedAt);
  }

  ended(code: number, value: unknown, memory: Memory, at: number): void {
    this[STATE].ended(code, value);
    if (!this.#counted) return;
    const failed = code === THROWN;
    if (code !== DROPPED) this.group.statistics.count(failed, memory, at);
    this.#over(code === DROPPED ? 'cancelled' : failed ? 'failed' : 'done', value);
  }

  #over(outcome: 'done' | 'failed' | 'cancelled', value: unknown): void {
    if (!this.#counted) return;
    this.#counted = false;
    this.group.pending--;
    this.limits?.end();
    this.limits = null;
    if (this.#event !== null) publishEnd(this.#event, outcome, outcome === 'failed' ? value : undefined);
    if (outcome === 'cancelled') this.group.statistics.countCancelled();
  }
}
registerReducer(PoolFuture, futureReducer);
