/** Whether a pool takes more work, and what it has taken that has not ended. */

import { RuntimeError, ValueError } from '../errors.ts';
import type { CrewClient } from './client.ts';
import { collectUntil } from './collect.ts';
import { BROKEN } from './crew-layout.ts';
import type { IMapIterator } from './imap-iterator.ts';
import { Mailbox } from './mailbox.ts';
import { OpenTask, OpenTasks } from './open-task.ts';
import type { Mode } from './task-message.ts';

/** Is told how a task has ended. */
type Ended = (failed: boolean, value: unknown) => void;

const RUN = 0;
const CLOSE = 1;
const TERMINATE = 2;

/** The work of one pool object. */
export class PoolWork {
  readonly #client: CrewClient;
  readonly #open = new OpenTasks();
  /** Those that have not submitted all of their input. */
  readonly #iterators = new Set<IMapIterator<unknown>>();
  #state = RUN;

  constructor(client: CrewClient) {
    this.#client = client;
  }

  /** Submits a task and returns its number. @throws ValueError the pool is not running. */
  submit(func: unknown, args: readonly unknown[], mode: Mode, who: string, ended: Ended): number {
    this.checkRunning();
    return this.submitAlways(func, args, mode, who, ended);
  }

  /** The same for an iterator, which goes on when the pool has been closed. */
  submitAlways(func: unknown, args: readonly unknown[], mode: Mode, who: string, ended: Ended): number {
    const open = new OpenTask(this.#open, ended);
    const task = this.#client.submit(func, args, mode, open, 0, who);
    if (task === 0) {
      const { crew } = this.#client;
      throw (crew.state === BROKEN && crew.reasonError()) || notRunning();
    }
    open.submitted();
    return task;
  }

  /** @throws ValueError the pool was closed or terminated. */
  checkRunning(): void {
    if (this.#state !== RUN) throw notRunning();
  }

  /** An iterator may have input left to submit. */
  enter(iterator: IMapIterator<unknown>): void {
    if (!iterator.isExhausted) this.#iterators.add(iterator);
  }

  /** An iterator has submitted all of its input. */
  leave(iterator: IMapIterator<unknown>): void {
    this.#iterators.delete(iterator);
    this.#closeWhenExhausted();
  }

  /** Takes no more work but what iterators have left. */
  close(): void {
    if (this.#state !== RUN) return;
    this.#state = CLOSE;
    this.#closeWhenExhausted();
  }

  /** Ends the workers, and with an error what has not ended. */
  terminate(): void {
    if (this.#state === TERMINATE) return;
    this.#state = TERMINATE;
    const error = new RuntimeError(`the ${this.#client.kind} was terminated before this task had ended`);
    this.#client.terminate(error);
    const open = Mailbox.in(this.#client.crew.memory).of(this.#open) as OpenTask[];
    for (const task of open) task.end(true, error);
  }

  /** Has a closed pool take what iterators have left. Returns whether it is one. @throws ValueError it still runs. */
  submitRest(method: 'join' | 'joinAsync'): boolean {
    if (this.#state === RUN) {
      throw new ValueError(
        `${this.#client.kind}.${method}: the pool is still running; close() or terminate() it first`,
      );
    }
    if (this.#state !== CLOSE) return false;
    for (const iterator of [...this.#iterators]) iterator.submitAll();
    return true;
  }

  /** Blocks until the workers have ended, and all that a closed pool had to do is done. @throws ValueError it runs. */
  join(): void {
    if (this.submitRest('join')) {
      collectUntil(() => this.#open.count === 0, Number.POSITIVE_INFINITY, `${this.#client.kind}.join`);
    }
    this.#client.supervisor?.joinAll();
  }

  /** The workers may end once no iterator has anything left to submit. */
  #closeWhenExhausted(): void {
    if (this.#state === CLOSE && this.#iterators.size === 0) this.#client.close();
  }
}

function notRunning(): ValueError {
  return new ValueError('Pool not running: it was closed or terminated');
}
