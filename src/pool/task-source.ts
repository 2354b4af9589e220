import { DeadlockError } from '../errors.ts';
import type { Memory } from '../memory/memory.ts';
import { dumpsError } from '../pickle/index.ts';
import { messageOf } from '../queue/message.ts';
import { layMessage } from '../queue/parcel.ts';
import type { CrewClient } from './client.ts';
import { FutureCell } from './future-cell.ts';
import { type WorkerHere, workerHere } from './here.ts';
import { Mailbox } from './mailbox.ts';
import { DONE, QUEUED, RUNNING, slot } from './slots.ts';
import { WorkerRecord } from './worker-record.ts';

/** The tasks that this thread has given to a pool, each by its slot. None may be asked about after its end was told. */
export class TaskSource {
  readonly kind: 'local' | 'system';
  readonly #client: CrewClient;
  readonly #memory: Memory;

  constructor(client: CrewClient) {
    this.#client = client;
    this.#memory = client.crew.memory;
    this.kind = this.#memory.kind;
  }

  /** Cancels it, if no worker has taken it. */
  cancel(task: number): boolean {
    return slot.cancel(this.#memory, task, slot.use(this.#memory, task));
  }

  /** Whether a worker has begun with it. */
  isRunning(task: number): boolean {
    return slot.state(this.#memory, task) === RUNNING;
  }

  /** Asks it to stop: its `taskSignal()` is aborted. */
  askToStop(task: number, reason: unknown): void {
    const memory = this.#memory;
    const scope = memory.kind === 'local' ? 'thread' : 'process';
    const parcel = layMessage(memory, messageOf(dumpsError(reason, scope)));
    const before = slot.setAbort(memory, task, parcel);
    if (before !== 0) memory.holdings.release(before);
    const worker = slot.worker(memory, task);
    if (worker !== 0) new WorkerRecord(memory, worker).orders.wake(Number.POSITIVE_INFINITY);
  }

  /** Has `beat` called while this thread blocks for results; returns how to end that. */
  whileWaiting(beat: () => void): () => void {
    return Mailbox.in(this.#memory).whileWaiting(beat);
  }

  /** Stops it with its worker; it ends with `error`. Returns whether its worker could be stopped from here. */
  stop(task: number, error: unknown): boolean {
    return this.#client.supervisor?.stopTask(task, slot.use(this.#memory, task), error) ?? false;
  }

  /** Has its outcome published, for other threads. */
  share(task: number): FutureCell {
    return shareTask(this.#memory, task);
  }

  /**
   * This thread is about to block until it has ended. A worker that waits for a task of its own pool holds a place
   * that the task may need: when all do, none of them will ever go on. @throws DeadlockError that would be so
   */
  beforeBlocking(task: number): () => void {
    const here = workerHere();
    if (here === null || here.crew.place.base !== this.#client.crew.place.base) return nothing;
    here.record.waits = true;
    const use = slot.use(this.#memory, task);
    const look = (): void => {
      const error = this.#circle(here, task, use);
      if (error === null) return;
      here.record.waits = false;
      throw error;
    };
    look();
    const stop = this.whileWaiting(look);
    return () => {
      here.record.waits = false;
      stop();
    };
  }

  /**
   * The same for a task that awaits this one: `fail` is told if nobody can go on any more, which is so when the event
   * loops of all workers have nothing else to wait for. Returns what to call when it has ended.
   */
  whileAwaited(task: number, fail: (error: Error) => void): () => void {
    const here = workerHere();
    if (here === null || here.crew.place.base !== this.#client.crew.place.base) return nothing;
    const use = slot.use(this.#memory, task);
    const look = (): void => {
      const wasStuck = here.record.waits;
      here.record.waits = here.isStuck();
      const error = wasStuck && here.record.waits ? this.#circle(here, task, use) : null;
      if (error !== null) fail(error);
    };
    const timer = setInterval(look, LOOK_MILLISECONDS).unref();
    return () => {
      here.record.waits = false;
      clearInterval(timer);
    };
  }

  /** The error of this wait, if it is one of a circle. */
  #circle({ crew }: WorkerHere, task: number, use: number): DeadlockError | null {
    const memory = this.#memory;
    if (slot.use(memory, task) !== use || slot.state(memory, task) !== QUEUED) return null;
    const workers = crew.workers.all();
    if (workers.length < crew.workers.maximum || !workers.every((worker) => worker.waits)) return null;
    return new DeadlockError(
      `all ${workers.length} workers of the ${this.#client.kind} wait for tasks of their own pool, which no worker is ` +
        'free to run: give it more workers, or submit such tasks to another pool',
    );
  }
}

/** A cell for the outcome of a task of this thread that has not ended. */
export function shareTask(memory: Memory, task: number): FutureCell {
  const mailbox = Mailbox.in(memory);
  const use = slot.use(memory, task);
  const cell = FutureCell.create(memory);
  cell.setSource(task, mailbox.payload);
  // A worker that has just finished may not have seen the cell: then its mail is on the way, and we publish.
  while (slot.use(memory, task) === use && slot.state(memory, task) === DONE) {
    mailbox.await(100);
    mailbox.collect();
  }
  return cell;
}

const LOOK_MILLISECONDS = 250;

function nothing(): void {}
