import { RuntimeError } from '../errors.ts';
import { DROPPED, VALUE } from './mail.ts';
import type { Addressee } from './mailbox.ts';

/** The tasks of one pool object that have not ended. */
export class OpenTasks {
  count = 0;
}

/** A task of a `Pool`, which tells its end to whoever wants the result, once. */
export class OpenTask implements Addressee {
  readonly group: OpenTasks;
  readonly #ended: (failed: boolean, value: unknown) => void;
  #open = false;

  constructor(group: OpenTasks, ended: (failed: boolean, value: unknown) => void) {
    this.group = group;
    this.#ended = ended;
  }

  /** It is in the queue. */
  submitted(): void {
    this.#open = true;
    this.group.count++;
  }

  started(): void {}

  ended(code: number, value: unknown): void {
    if (code === DROPPED) this.end(true, new RuntimeError('the task was dropped'));
    else this.end(code !== VALUE, value);
  }

  /** Ends it, if it has not ended. */
  end(failed: boolean, value: unknown): void {
    if (!this.#open) return;
    this.#open = false;
    this.group.count--;
    this.#ended(failed, value);
  }
}
