/**
 * The thread that talks to Redis for an executor over BullMQ. It takes orders from a queue in shared memory and settles
 * futures there, as a worker of a pool does: so the thread that has submitted may block for a result.
 *
 * A task goes into a queue of BullMQ as a job; the worker that takes it out says so, and how it has ended, in a stream
 * that this executor alone reads. What was read is removed from it.
 */

import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { AuthenticationError, BrokenExecutor, WorkerDiedError } from '../errors.ts';
import { registerClass } from '../pickle/index.ts';
import type { SimpleQueue } from '../queue/threading.ts';
import { type AuditedCarrier, BullMQAudit } from './bullmq-audit.ts';
import { bullmq, connect, isAbsence, isRefusal, shownEndpoint } from './bullmq-connection.ts';
import { Names, type NoticeHead, REFUSED, Seal, type TaskHead } from './bullmq-envelope.ts';
import type { CarrierSettings, Order, RunOrder } from './bullmq-order.ts';
import { TaskParcel } from './bullmq-parcel.ts';

/** So many orders are taken, and notices read, in one go. */
const BATCH = 500;
const AUDIT_MILLISECONDS = 500;
const READ_MILLISECONDS = 5000;
/** So many events of BullMQ are kept, at least. */
const EVENTS = 100;
const FAREWELL_MILLISECONDS = 2000;

export class Carrier implements AuditedCarrier {
  readonly settings: CarrierSettings;
  readonly names: Names;
  readonly redis: Redis;
  readonly parcels = new Map<string, TaskParcel>();
  readonly #seal: Seal;
  readonly #reader: Redis;
  readonly #queue: Queue;
  readonly #audit: BullMQAudit;
  #lastError: unknown;
  #awaySince: number | null = performance.now();
  #connections = 0;
  #from = '0';
  #closing = false;
  #finish: () => void = () => {};
  readonly #finished = new Promise<void>((resolve) => {
    this.#finish = resolve;
  });

  constructor(settings: CarrierSettings) {
    this.settings = settings;
    this.names = new Names(settings.prefix, settings.queue);
    this.#seal = new Seal(settings.key);
    this.redis = connect(settings.endpoint);
    this.#reader = connect(settings.endpoint);
    for (const client of [this.redis, this.#reader]) client.on('error', (error) => this.#noteError(error));
    this.redis.on('ready', () => {
      this.#awaySince = null;
      this.#lastError = undefined;
      this.#audit.reconnected(this.#connections++ > 0);
    });
    this.redis.on('close', () => {
      this.#awaySince ??= performance.now();
    });
    this.#reader.on('ready', () => {
      this.#from = '0'; // Redis may have begun anew
    });
    const { Queue: BullMQQueue } = bullmq();
    this.#queue = new BullMQQueue(settings.queue, {
      connection: this.redis as never,
      prefix: settings.prefix,
      // Nobody reads them.
      streams: { events: { maxLen: EVENTS } },
    });
    this.#queue.on('error', (error) => this.#noteError(error));
    this.#audit = new BullMQAudit(this);
  }

  /** Carries until all is done that was ordered. */
  async carry(orders: SimpleQueue<Order>): Promise<void> {
    const audit = setInterval(() => this.#look(), AUDIT_MILLISECONDS);
    const reading = this.#read();
    try {
      await Promise.race([this.#obey(orders), reading]);
      await Promise.race([this.#finished, reading]);
    } finally {
      clearInterval(audit);
      await this.#leave();
    }
  }

  /** Ends all that is under way. */
  failAll(error: Error): void {
    for (const parcel of this.parcels.values()) {
      parcel.fail(error);
      // What is in Redis of it is of no use any more.
      parcel.whereabouts = 'dropped';
      parcel.order = null;
    }
  }

  /** Whether Redis answers. */
  get isConnected(): boolean {
    return this.#awaySince === null;
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
      this.#noteError(error);
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
      this.#noteError(error);
      return false;
    }
  }

  /** A worker has died over a task, or has lost its result. */
  died(parcel: TaskParcel, how: string): void {
    if (parcel.starts < this.settings.attempts && parcel.order !== null) {
      parcel.whereabouts = 'lost';
      return;
    }
    const times = parcel.starts > 1 ? `, the last of ${parcel.starts} that have begun with it` : '';
    parcel.fail(new WorkerDiedError(`the worker of this task (${parcel.where}${times}) ${how}`));
    parcel.whereabouts = 'dropped';
    parcel.order = null;
  }

  /** What a worker has signed; null: it is somebody else's. */
  open<H extends object>(kind: 'beat', envelope: Buffer): { head: H } | null {
    return this.#seal.open<H>(kind, envelope);
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
    parcel.fail(new BrokenExecutor(`Redis does not take the task: ${(error as Error).message}`, { cause: error }));
    parcel.whereabouts = 'dropped';
    parcel.order = null;
  }

  async #obey(orders: SimpleQueue<Order>): Promise<void> {
    while (!this.#closing) {
      const batch: Order[] = [await orders.getAsync()];
      while (batch.length < BATCH && !orders.empty()) batch.push(orders.getNowait());
      const sent: TaskParcel[] = [];
      for (const order of batch) {
        if (order.what === 'run') sent.push(this.#take(order));
        else if (order.what === 'close') this.#closing = true;
        else {
          const parcel = this.parcels.get(this.#idOf(order.number));
          if (parcel === undefined) continue;
          if (order.what === 'cancel') this.drop(parcel);
          else this.#stop(parcel, order.reason);
        }
      }
      if (sent.length > 0) void this.send(sent);
    }
    this.#finishIfDone();
  }

  #take(order: RunOrder): TaskParcel {
    const parcel = new TaskParcel(this.#idOf(order.number), order);
    this.parcels.set(parcel.id, parcel);
    return parcel;
  }

  #idOf(number: number): string {
    return `${this.settings.executor}-${number}`;
  }

  #stop(parcel: TaskParcel, reason: Uint8Array): void {
    if (parcel.whereabouts !== 'running' || !this.isConnected) return;
    const order = this.#seal.close('order', { id: parcel.id }, reason);
    this.redis.publish(this.names.orders(parcel.worker), order).catch((error) => this.#noteError(error));
  }

  async #read(): Promise<void> {
    const key = this.names.notices(this.settings.executor);
    for (;;) {
      let found: [Buffer, [Buffer, Buffer[]][]][] | null;
      try {
        const how = ['COUNT', BATCH, 'BLOCK', READ_MILLISECONDS, 'STREAMS', key, this.#from] as const;
        found = (await this.#reader.xreadBuffer(...how)) as typeof found;
      } catch (error) {
        if (this.#reader.status === 'end') return new Promise(() => {});
        this.#noteError(error);
        await new Promise((resolve) => setTimeout(resolve, 100));
        continue;
      }
      if (found === null) continue;
      const entries = found[0][1];
      for (const [, [, envelope]] of entries) this.#receive(envelope);
      const ids = entries.map(([id]) => id.toString());
      this.#from = ids[ids.length - 1];
      this.redis.xdel(key, ...ids).catch((error) => this.#noteError(error));
    }
  }

  #receive(envelope: Buffer): void {
    const opened = this.#seal.open<NoticeHead>('notice', envelope);
    if (opened === null) {
      this.#receiveRefusal(envelope);
      return;
    }
    const { head, body } = opened;
    const parcel = this.parcels.get(head.id);
    if (parcel === undefined) return;
    if (head.what === 'started') this.#started(parcel, head);
    else if (head.what === 'exhausted') this.died(parcel, 'has died');
    else {
      parcel.end(head.what === 'thrown', body);
      this.forget(parcel);
    }
  }

  #started(parcel: TaskParcel, { worker, beat, where }: NoticeHead): void {
    if (parcel.whereabouts === 'dropped') {
      // It was cancelled a moment too late.
      parcel.worker = worker;
      const order = this.#seal.close('order', { id: parcel.id });
      this.redis.publish(this.names.orders(worker), order).catch((error) => this.#noteError(error));
      return;
    }
    const isNew = parcel.worker !== worker || parcel.beat !== beat || parcel.whereabouts !== 'running';
    Object.assign(parcel, { worker, beat, where, misses: 0, whereabouts: 'running' });
    if (isNew) parcel.starts++;
    if (!parcel.begin()) {
      parcel.whereabouts = 'dropped';
      this.#started(parcel, { worker, beat, where } as NoticeHead);
    } else if (parcel.starts >= this.settings.attempts) parcel.order = null;
  }

  /** Not signed, and so believed only where there is nothing to be gained: who can write here can remove tasks too. */
  #receiveRefusal(envelope: Buffer): void {
    const [what, id, where = ''] = envelope.toString('utf8', 0, 300).split('\n');
    const parcel = what === REFUSED ? this.parcels.get(id) : undefined;
    if (parcel === undefined) return;
    parcel.fail(
      new AuthenticationError(`a worker (${where}) has refused the task: its authkey is not that of this executor`),
    );
    this.forget(parcel);
  }

  /** What is looked after now and then. */
  #look(): void {
    const away = this.#awaySince === null ? 0 : (performance.now() - this.#awaySince) / 1000;
    if (away > this.settings.reconnectTimeout) {
      const where = shownEndpoint(this.settings.endpoint);
      const message = `Redis (${where}) could not be reached for ${this.settings.reconnectTimeout} seconds`;
      this.#failWhileAway(new BrokenExecutor(message, { cause: this.#lastError }));
    }
    this.#audit.look();
  }

  #noteError(error: unknown): void {
    this.#lastError = error;
    if (!isRefusal(error)) return;
    const where = shownEndpoint(this.settings.endpoint);
    this.#failWhileAway(new BrokenExecutor(`Redis (${where}) refuses: ${(error as Error).message}`, { cause: error }));
  }

  /** Nothing of it can be taken out of Redis now; if Redis comes back, that is made up for. */
  #failWhileAway(error: Error): void {
    this.failAll(error);
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (!this.#closing) return;
    const waits = [...this.parcels.values()].some(({ whereabouts }) => this.isConnected || whereabouts !== 'dropped');
    if (!waits) this.#finish();
  }

  async #leave(): Promise<void> {
    for (const parcel of this.parcels.values()) parcel.drop();
    const farewell = this.isConnected
      ? this.redis.del(this.names.notices(this.settings.executor)).then(() => this.#queue.close())
      : Promise.resolve();
    const late = new Promise<void>((resolve) => setTimeout(resolve, FAREWELL_MILLISECONDS).unref());
    await Promise.race([farewell.catch(() => {}), late]);
    this.#reader.disconnect();
    this.redis.disconnect();
  }
}

/** What the thread of a carrier runs. */
export async function carry(orders: SimpleQueue<Order>, settings: CarrierSettings): Promise<void> {
  let carrier: Carrier | null = null;
  try {
    carrier = new Carrier(settings);
    await carrier.carry(orders);
  } catch (error) {
    const broken = new BrokenExecutor(`the way to Redis has broken down: ${(error as Error).message}`, {
      cause: error,
    });
    carrier?.failAll(broken);
    await refuseAll(orders, settings, broken);
  }
}

/** Every task that is still given to it ends with the error. */
async function refuseAll(orders: SimpleQueue<Order>, { executor }: CarrierSettings, error: Error): Promise<void> {
  for (;;) {
    const order = await orders.getAsync();
    if (order.what === 'close') return;
    if (order.what === 'run') new TaskParcel(`${executor}-${order.number}`, order).fail(error);
  }
}

registerClass('bullmq:carry', carry as never);
