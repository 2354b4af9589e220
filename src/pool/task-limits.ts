import { TimeoutError } from '../errors.ts';
import type { SubmitOptions } from './executor.ts';
import { clock } from './slots.ts';

/** Tasks, each with a number, that can be stopped. */
export interface StoppableTasks {
  /** Asks a task to stop. */
  askToStop(task: number, reason: unknown): void;
  /** Stops it with its worker; it ends with `error`. Returns whether its worker could be stopped from here. */
  stop(task: number, error: unknown): boolean;
  /** Has `beat` called while this thread blocks for results; returns how to end that. */
  whileWaiting(beat: () => void): () => void;
}

/** How long a task that was asked to stop may go on. */
const GRACE_MILLISECONDS = 1000;

/**
 * The signal and the time-out of a task. A task that waits in the queue is cancelled; one that runs is asked to stop
 * first, and after a grace its worker is stopped. Driven by this thread's event loop, and by the beats of its blocking
 * waits for results.
 */
export class TaskLimits {
  readonly #tasks: StoppableTasks;
  readonly #task: number;
  readonly #cancel: () => boolean;
  readonly #signal: AbortSignal | null;
  readonly #timeout: number | null;
  readonly #stopBeats: () => void;
  #timer: NodeJS.Timeout | undefined;
  /** When the next step is due, on the clock of slots.ts. */
  #due = Number.POSITIVE_INFINITY;
  #reason: unknown;
  #asked = false;
  #over = false;

  /** `cancel`: cancels the task's future, if it has not begun. */
  constructor(tasks: StoppableTasks, task: number, { signal, timeout }: SubmitOptions, cancel: () => boolean) {
    this.#tasks = tasks;
    this.#task = task;
    this.#cancel = cancel;
    this.#signal = signal ?? null;
    this.#timeout = timeout ?? null;
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#stopBeats = tasks.whileWaiting(() => this.#beat());
  }

  /** A worker has begun with it. */
  started(at: number): void {
    if (this.#over || this.#asked || this.#timeout === null) return;
    this.#wakeAt(at + this.#timeout * 1000);
  }

  /** The task is over. */
  end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#stopBeats();
  }

  readonly #onAbort = (): void => {
    this.#stop(this.#signal?.reason);
  };

  #stop(reason: unknown): void {
    // To cancel it, results are taken out of the mailbox: its own may be among them.
    if (this.#over || this.#asked || this.#cancel() || this.#over) return;
    this.#asked = true;
    this.#reason = reason;
    this.#tasks.askToStop(this.#task, reason);
    this.#wakeAt(clock() + GRACE_MILLISECONDS);
  }

  #beat(): void {
    if (this.#over || clock() < this.#due) return;
    this.#due = Number.POSITIVE_INFINITY;
    if (!this.#asked) {
      this.#stop(new TimeoutError(`the task has not ended within its ${this.#timeout} seconds`));
    } else if (!this.#tasks.stop(this.#task, this.#reason)) {
      this.#wakeAt(clock() + GRACE_MILLISECONDS / 20); // its supervisor is another thread, or it is about to end
    }
  }

  #wakeAt(due: number): void {
    this.#due = due;
    clearTimeout(this.#timer);
    // No reference: while the task is under way, its mailbox keeps the program alive.
    this.#timer = setTimeout(() => this.#beat(), Math.min(Math.max(due - clock(), 0) + 1, 0x7fff_ffff)).unref();
  }
}
