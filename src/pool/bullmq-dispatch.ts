/**
 * The tasks of an executor that are not over: puts them into Redis, as jobs of BullMQ, and takes them out again; and
 * stops those that run.
 */

import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { BrokenExecutor, WorkerDiedError } from '../errors.ts';
import { type Audited, BullMQAudit } from './bullmq-audit.ts';
import { bullmq, isAbsence } from './bullmq-connection.ts';
import { type EnvelopeKind, Names, Seal, type TaskHead } from './bullmq-envelope.ts';
import type { RedisLink } from './bullmq-link.ts';
import type { CarrierSettings, RunOrder } from './bullmq-order.ts';
import { TaskParcel } from './bullmq-parcel.ts';

/** So many events of BullMQ are kept, at least. */
const EVENTS = 100;

export class Dispatch implements Audited {
  readonly settings: CarrierSettings;
  readonly names: Names;
  readonly parcels = new Map<string, TaskParcel>();
  readonly #link: RedisLink;
  readonly #seal: Seal;
  readonly #queue: Queue;
  readonly #audit: BullMQAudit;
  /** Called when all is done; null: more tasks may come. */
  #finish: (() => void) | null = null;

  constructor(settings: CarrierSettings, link: RedisLink) {
    this.settings = settings;
    this.names = new Names(settings.prefix, settings.queue);
    this.#link = link;
    this.#seal = new Seal(settings.key);
    const { Queue: BullMQQueue } = bullmq();
    this.#queue = new BullMQQueue(settings.queue, {
      connection: link.redis as never,
      prefix: settings.prefix,
      // Nobody reads them.
      streams: { events: { maxLen: EVENTS } },
    });
    this.#queue.on('error', (error) => link.noteError(error));
    this.#audit = new BullMQAudit(this);
    link.onReady = (again) => this.#audit.reconnected(again);
    link.onRefusal = (error) => this.#failWhileAway(error);
  }

  get redis(): Redis {
    return this.#link.redis;
  }

  get isConnected(): boolean {
    return this.#link.isConnected;
  }

  /** What is looked after now and then. */
  look(): void {
    const late = this.#link.lateness(this.settings.reconnectTimeout);
    if (late !== null) this.#failWhileAway(late);
    this.#audit.look();
  }

  /** Takes a task on, which is to be sent then. */
  take(order: RunOrder): TaskParcel {
    const parcel = new TaskParcel(this.#idOf(order.number), order);
    this.parcels.set(parcel.id, parcel);
    return parcel;
  }

  /** The task of a number, if it is not over. */
  find(number: number): TaskParcel | undefined {
    return this.parcels.get(this.#idOf(number));
  }

  /** Nothing more has to be known of a task. */
  forget(parcel: TaskParcel): void {
    this.parcels.delete(parcel.id);
    this.#finishIfDone();
  }

  /** Puts tasks into Redis. One that is there already is not put twice. */
  async send(parcels: readonly TaskParcel[]): Promise<void> {
    const ready = parcels.filter(({ whereabouts, order }) => whereabouts === 'leaving' && order !== null);
    for (const parcel of ready) {
      parcel.isLeaving = true;
      parcel.wasSent = true;
    }
    if (ready.length === 0) return;
    const options = { attempts: 1, removeOnComplete: true, removeOnFail: true };
    const jobs = ready.map((parcel) => ({
      name: 'task',
      data: { task: this.#envelope(parcel, parcel.order as RunOrder).toString('base64') },
      opts: { ...options, jobId: parcel.id },
    }));
    try {
      await this.#queue.addBulk(jobs);
    } catch (error) {
      this.#link.noteError(error);
      if (!isAbsence(error)) for (const parcel of ready) this.#reject(parcel, error);
      this.#audit.doubt();
    } finally {
      for (const parcel of ready) parcel.isLeaving = false;
    }
    // Or perhaps not, if the connection broke: that is found out.
    for (const parcel of ready) {
      if (parcel.whereabouts === 'leaving') parcel.whereabouts = 'queued';
      if (parcel.isCancelled) this.drop(parcel);
    }
  }

  /** Takes a task out of Redis that nobody waits for. */
  drop(parcel: TaskParcel): void {
    if (parcel.isLeaving || parcel.whereabouts === 'running') return;
    parcel.whereabouts = 'dropped';
    parcel.order = null;
    if (!parcel.wasSent) {
      parcel.drop();
      this.forget(parcel);
      return;
    }
    void this.remove(parcel).then((gone) => {
      if (!gone) return; // a worker has it, or had it; the next look tries again
      parcel.drop();
      this.forget(parcel);
    });
  }

  /** Takes a job out of Redis. @returns false: it cannot be, for a worker has it, or Redis is away. */
  async remove(parcel: TaskParcel): Promise<boolean> {
    try {
      return (await this.#queue.remove(parcel.id)) === 1 || (await this.redis.exists(this.names.job(parcel.id))) === 0;
    } catch (error) {
      this.#link.noteError(error);
      return false;
    }
  }

  /** Stops a running task, for a reason that is pickled. */
  stop(parcel: TaskParcel, reason: Uint8Array): void {
    if (parcel.whereabouts === 'running' && this.isConnected) this.callOff(parcel, reason);
  }

  /** Tells the worker of a task to stop it. */
  callOff(parcel: TaskParcel, ...reason: readonly Uint8Array[]): void {
    const order = this.#seal.close('order', { id: parcel.id }, ...reason);
    this.redis.publish(this.names.orders(parcel.worker), order).catch((error) => this.#link.noteError(error));
  }

  /** A worker has died over a task, or has lost its result. */
  died(parcel: TaskParcel, how: string): void {
    if (parcel.starts < this.settings.attempts && parcel.order !== null) {
      parcel.whereabouts = 'lost';
      return;
    }
    const times = parcel.starts > 1 ? `, the last of ${parcel.starts} that have begun with it` : '';
    this.#fail(parcel, new WorkerDiedError(`the worker of this task (${parcel.where}${times}) ${how}`));
  }

  /** Ends all that is under way. */
  failAll(error: Error): void {
    for (const parcel of this.parcels.values()) this.#fail(parcel, error);
  }

  /** Resolves when all is done that was taken on; nothing more may be taken on. */
  finish(): Promise<void> {
    return new Promise((resolve) => {
      this.#finish = resolve;
      this.#finishIfDone();
    });
  }

  /** What a worker has signed; null: it is somebody else's. */
  open<H extends object>(kind: EnvelopeKind, envelope: Buffer): { head: H; body: Buffer } | null {
    return this.#seal.open<H>(kind, envelope);
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  #idOf(number: number): string {
    return `${this.settings.executor}-${number}`;
  }

  #envelope(parcel: TaskParcel, { mode, timeout, fn, args }: RunOrder): Buffer {
    const { root, attempts, keep } = this.settings;
    const head: TaskHead = {
      id: parcel.id,
      root,
      timeout,
      attempts: attempts - parcel.starts,
      keep,
      mode,
      fn: fn.length,
    };
    return this.#seal.close('task', head, fn, args);
  }

  #reject(parcel: TaskParcel, error: unknown): void {
    this.#fail(
      parcel,
      new BrokenExecutor(`Redis does not take the task: ${(error as Error).message}`, { cause: error }),
    );
  }

  /** What is in Redis of it is of no use any more. */
  #fail(parcel: TaskParcel, error: Error): void {
    parcel.fail(error);
    parcel.whereabouts = 'dropped';
    parcel.order = null;
  }

  /** Nothing of it can be taken out of Redis now; if Redis comes back, that is made up for. */
  #failWhileAway(error: Error): void {
    this.failAll(error);
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#finish === null) return;
    const waits = [...this.parcels.values()].some(({ whereabouts }) => this.isConnected || whereabouts !== 'dropped');
    if (!waits) this.#finish();
  }
}
