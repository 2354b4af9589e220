import { RuntimeError } from '../errors.ts';
import { localMemory } from '../memory/local-memory.ts';
import type { Mailbox } from './mailbox.ts';
import { DROPPED, post, shortMail } from './mailbox.ts';
import { settleWithError } from './settle.ts';
import { CANCELLED, slot, VACANT } from './slots.ts';
import { TaskInHand } from './task-in-hand.ts';

/** A task that was given to a Piscina pool. It is handed out by this thread's event loop, and stopped by an abort. */
export class PiscinaTask extends TaskInHand {
  readonly needsLoop = true;
  readonly mailbox: number;
  readonly #controller: AbortController | null;
  #reason: { error: unknown } | null = null;

  /** `mayStop`: it has a signal or a time-out. Piscina gives such a task a worker of its own. */
  constructor(mailbox: Mailbox, index: number, mayStop: boolean) {
    super(undefined as never, mailbox, index); // what would need a crew is overridden here
    this.mailbox = mailbox.payload;
    this.#controller = mayStop ? new AbortController() : null;
  }

  /** What tells Piscina to stop it. */
  get signal(): AbortSignal | null {
    return this.#controller?.signal ?? null;
  }

  /** It runs, and nobody can ask it: its worker is stopped at once. */
  override askToStop(reason: unknown): void {
    this.#reason ??= { error: reason };
    this.#controller?.abort(reason);
  }

  override stop(): boolean {
    return true;
  }

  /** @throws RuntimeError always: the event loop that hands tasks out stands still while its thread blocks. */
  override beforeBlocking(): never {
    throw new RuntimeError(
      'this thread cannot block for the result of a PiscinaExecutor: tasks are handed out by its event loop, which ' +
        'would stand still; await the future',
    );
  }

  override whileAwaited(): () => void {
    return () => {};
  }

  /** No worker has to do with it any more. If it has no outcome, it was cancelled before, or has failed. */
  over(failed: boolean, error: unknown): void {
    const memory = localMemory();
    if (slot.use(memory, this.slot) !== this.use) return;
    const state = slot.state(memory, this.slot);
    if (state === CANCELLED) post(memory, this.mailbox, shortMail(memory, this.slot, this.use, DROPPED));
    else if (failed && state !== VACANT) {
      // If its worker has got as far as to put an outcome into the mailbox, that one comes first and counts.
      const to = { slot: this.slot, mailbox: this.mailbox, use: this.use };
      settleWithError(memory, to, this.#reason === null ? error : this.#reason.error);
    }
  }
}
