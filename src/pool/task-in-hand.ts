import { DeadlockError } from '../errors.ts';
import { dumpsError } from '../pickle/index.ts';
import { messageOf } from '../queue/message.ts';
import { layMessage } from '../queue/parcel.ts';
import type { CrewClient } from './client.ts';
import { FutureCell } from './future-cell.ts';
import { type WorkerHere, workerHere } from './here.ts';
import type { Mailbox } from './mailbox.ts';
import { DONE, QUEUED, RUNNING, slot } from './slots.ts';
import { WorkerRecord } from './worker-record.ts';

/** A task that was submitted, as its submitter has it. It must not be asked after its end was told. */
export class TaskInHand {
  readonly kind: 'local' | 'system';
  readonly slot: number;
  readonly use: number;
  readonly #client: CrewClient;
  readonly #mailbox: Mailbox;

  constructor(client: CrewClient, mailbox: Mailbox, index: number) {
    this.#client = client;
    this.#mailbox = mailbox;
    this.kind = mailbox.memory.kind;
    this.slot = mailbox.slots.address(index);
    this.use = slot.use(mailbox.memory, this.slot);
  }

  /** Cancels it, if no worker has taken it. */
  cancel(): boolean {
    return slot.cancel(this.#mailbox.memory, this.slot);
  }

  /** Whether a worker has begun with it. */
  isRunning(): boolean {
    return slot.state(this.#mailbox.memory, this.slot) === RUNNING;
  }

  /** Asks it to stop: its `taskSignal()` is aborted. */
  askToStop(reason: unknown): void {
    const { memory } = this.#mailbox;
    const scope = memory.kind === 'local' ? 'thread' : 'process';
    const parcel = layMessage(memory, messageOf(dumpsError(reason, scope)));
    const before = slot.setAbort(memory, this.slot, parcel);
    if (before !== 0) memory.holdings.release(before);
    const worker = slot.worker(memory, this.slot);
    if (worker !== 0) new WorkerRecord(memory, worker).orders.wake(Number.POSITIVE_INFINITY);
  }

  /** Has `beat` called while this thread blocks for results; returns how to end that. */
  whileWaiting(beat: () => void): () => void {
    return this.#mailbox.whileWaiting(beat);
  }

  /** Stops it with its worker; it ends with `error`. Returns whether its worker could be stopped from here. */
  stop(error: unknown): boolean {
    return this.#client.supervisor?.stopTask(this.slot, this.use, error) ?? false;
  }

  /** Has its outcome published, for other threads. */
  share(): FutureCell {
    const { memory, payload } = this.#mailbox;
    const cell = FutureCell.create(memory);
    cell.setSource(this.slot, payload);
    // A worker that has just finished may not have seen the cell: then its mail is on the way, and we publish.
    while (slot.use(memory, this.slot) === this.use && slot.state(memory, this.slot) === DONE) {
      this.#mailbox.await(100);
      this.#mailbox.collect();
    }
    return cell;
  }

  /**
   * This thread is about to block until it has ended. A worker that waits for a task of its own pool holds a place
   * that the task may need: when all do, none of them will ever go on. @throws DeadlockError that would be so
   */
  beforeBlocking(): () => void {
    const here = workerHere();
    if (here === null || here.crew.place.base !== this.#client.crew.place.base) return nothing;
    here.record.waits = true;
    const look = (): void => {
      const error = this.#circle(here);
      if (error === null) return;
      here.record.waits = false;
      throw error;
    };
    look();
    const stop = this.#mailbox.whileWaiting(look);
    return () => {
      here.record.waits = false;
      stop();
    };
  }

  /**
   * The same for a task that awaits this one: `fail` is told if nobody can go on any more, which is so when the event
   * loops of all workers have nothing else to wait for. Returns what to call when it has ended.
   */
  whileAwaited(fail: (error: Error) => void): () => void {
    const here = workerHere();
    if (here === null || here.crew.place.base !== this.#client.crew.place.base) return nothing;
    const look = (): void => {
      const wasStuck = here.record.waits;
      here.record.waits = here.isStuck();
      const error = wasStuck && here.record.waits ? this.#circle(here) : null;
      if (error !== null) fail(error);
    };
    const timer = setInterval(look, LOOK_MILLISECONDS).unref();
    return () => {
      here.record.waits = false;
      clearInterval(timer);
    };
  }

  /** The error of this wait, if it is one of a circle. */
  #circle({ crew }: WorkerHere): DeadlockError | null {
    const { memory } = this.#mailbox;
    if (slot.use(memory, this.slot) !== this.use || slot.state(memory, this.slot) !== QUEUED) return null;
    const workers = crew.workers();
    if (workers.length < crew.maximum || !workers.every((worker) => worker.waits)) return null;
    return new DeadlockError(
      `all ${workers.length} workers of the ${this.#client.kind} wait for tasks of their own pool, which no worker is ` +
        'free to run: give it more workers, or submit such tasks to another pool',
    );
  }
}

const LOOK_MILLISECONDS = 250;

function nothing(): void {}
