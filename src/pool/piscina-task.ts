import { RuntimeError } from '../errors.ts';
import { localMemory } from '../memory/local-memory.ts';
import type { FutureCell } from './future-cell.ts';
import type { FutureSource } from './future-source.ts';
import { DROPPED, post, shortMail } from './mail.ts';
import type { Mailbox } from './mailbox.ts';
import { settleGoneTask } from './settle.ts';
import { CANCELLED, RUNNING, slot } from './slots.ts';
import type { StoppableTasks } from './task-limits.ts';
import { shareTask } from './task-source.ts';

/** A task that was given to a Piscina pool. It is handed out by this thread's event loop, and stopped by an abort. */
export class PiscinaTask implements FutureSource, StoppableTasks {
  readonly kind = 'local';
  readonly needsLoop = true;
  readonly slot: number;
  readonly use: number;
  readonly mailbox: number;
  readonly #mailbox: Mailbox;
  readonly #controller: AbortController | null;
  #reason: { error: unknown } | null = null;

  /** `mayStop`: it has a signal or a time-out. Piscina gives such a task a worker of its own. */
  constructor(mailbox: Mailbox, index: number, mayStop: boolean) {
    this.#mailbox = mailbox;
    this.mailbox = mailbox.payload;
    this.slot = mailbox.slots.address(index);
    this.use = slot.use(mailbox.memory, this.slot);
    this.#controller = mayStop ? new AbortController() : null;
  }

  cancel(): boolean {
    return slot.cancel(localMemory(), this.slot, this.use);
  }

  isRunning(): boolean {
    return slot.state(localMemory(), this.slot) === RUNNING;
  }

  share(): FutureCell {
    return shareTask(localMemory(), this.slot);
  }

  whileWaiting(beat: () => void): () => void {
    return this.#mailbox.whileWaiting(beat);
  }

  /** What tells Piscina to stop it. */
  get signal(): AbortSignal | null {
    return this.#controller?.signal ?? null;
  }

  /** It runs, and nobody can ask it: its worker is stopped at once. */
  askToStop(_task: number, reason: unknown): void {
    this.#reason ??= { error: reason };
    this.#controller?.abort(reason);
  }

  stop(): boolean {
    return true;
  }

  /** @throws RuntimeError always: the event loop that hands tasks out stands still while its thread blocks. */
  beforeBlocking(): never {
    throw new RuntimeError(
      'this thread cannot block for the result of a PiscinaExecutor: tasks are handed out by its event loop, which ' +
        'would stand still; await the future',
    );
  }

  whileAwaited(): () => void {
    return () => {};
  }

  /** No worker has to do with it any more. If it has no outcome, it was cancelled before, or has failed. */
  over(failed: boolean, error: unknown): void {
    const memory = localMemory();
    if (slot.use(memory, this.slot) !== this.use) return;
    if (slot.state(memory, this.slot) === CANCELLED) {
      post(memory, this.mailbox, shortMail(memory, this.slot, this.use, DROPPED));
    } else if (failed) {
      // If its worker has got as far as to put an outcome into the mailbox, that one comes first and counts.
      const to = { slot: this.slot, mailbox: this.mailbox, use: this.use };
      settleGoneTask(memory, to, this.#reason === null ? error : this.#reason.error);
    }
  }
}
