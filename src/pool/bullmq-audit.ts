/**
 * Looks for tasks that went astray: cancelled by another thread, on a worker that has died, or lost with Redis's
 * memory. A worker gives a sign of life in Redis with the tasks that it runs; it expires when the worker does not renew it.
 */

import type { Redis } from 'ioredis';
import type { Beat, Names } from './bullmq-envelope.ts';
import type { TaskParcel } from './bullmq-parcel.ts';

/** So many looks in a row must find nothing of a running task: it may just have ended, or Redis just come back. */
const MISSES = 3;
/** So many looks after Redis was away, nothing is concluded: the workers need time to come back. */
const PATIENCE = 8;

/** What it looks after, and what it can do about it. */
export interface Audited {
  readonly redis: Redis;
  readonly names: Names;
  readonly parcels: Map<string, TaskParcel>;
  /** Whether Redis answers. */
  readonly isConnected: boolean;
  send(parcels: readonly TaskParcel[]): Promise<void>;
  drop(parcel: TaskParcel): void;
  remove(parcel: TaskParcel): Promise<boolean>;
  died(parcel: TaskParcel, how: string): void;
  open<H extends object>(kind: 'beat', envelope: Buffer): { head: H } | null;
}

export class BullMQAudit {
  readonly #dispatch: Audited;
  #busy = false;
  #patience = 0;
  #checkJobs = false;

  constructor(dispatch: Audited) {
    this.#dispatch = dispatch;
  }

  /** Redis is there, or there again. */
  reconnected(again: boolean): void {
    if (!again) return;
    this.#patience = PATIENCE;
    this.#checkJobs = true;
  }

  /** Tasks that count as queued may not be in Redis. */
  doubt(): void {
    this.#checkJobs = true;
  }

  look(): void {
    if (this.#busy || !this.#dispatch.isConnected) return;
    this.#busy = true;
    void this.#look()
      .catch(() => {}) // Redis is away: the next look will see
      .finally(() => {
        this.#busy = false;
      });
  }

  async #look(): Promise<void> {
    const all = [...this.#dispatch.parcels.values()];
    const unsent: TaskParcel[] = [];
    for (const parcel of all) {
      if (parcel.whereabouts === 'dropped' || parcel.isCancelled) this.#dispatch.drop(parcel);
      else if (parcel.whereabouts === 'leaving') {
        if (!parcel.isLeaving) unsent.push(parcel);
      } else if (parcel.whereabouts === 'lost' && (await this.#dispatch.remove(parcel))) {
        parcel.whereabouts = 'leaving';
        unsent.push(parcel);
      }
    }
    if (unsent.length > 0) await this.#dispatch.send(unsent);
    if (this.#patience > 0) this.#patience--;
    if (this.#patience > 0) return;
    if (this.#checkJobs) await this.#lookForJobs(all.filter(({ whereabouts }) => whereabouts === 'queued'));
    await this.#lookForWorkers(all.filter(({ whereabouts }) => whereabouts === 'running'));
  }

  /** Redis may have lost its memory; what is neither there nor run by a worker is put there again. */
  async #lookForJobs(queued: readonly TaskParcel[]): Promise<void> {
    const { redis, names } = this.#dispatch;
    this.#checkJobs = false;
    const there = await Promise.all(queued.map(({ id }) => redis.exists(names.job(id))));
    const gone = queued.filter(({ whereabouts }, i) => there[i] === 0 && whereabouts === 'queued');
    if (gone.length === 0) return;
    const taken = await this.#tasksOfWorkers();
    for (const parcel of gone) {
      if (parcel.whereabouts !== 'queued') continue;
      if (taken.has(parcel.id)) this.#checkJobs = true;
      else parcel.whereabouts = 'leaving';
    }
  }

  /** What all workers of the queue run. */
  async #tasksOfWorkers(): Promise<Set<string>> {
    const { redis, names } = this.#dispatch;
    const found = new Set<string>();
    for (let cursor = '0', isFirst = true; isFirst || cursor !== '0'; isFirst = false) {
      const [next, keys] = await redis.scan(cursor, 'MATCH', names.beats, 'COUNT', 1000);
      cursor = next;
      const envelopes = keys.length === 0 ? [] : await redis.mgetBuffer(...keys);
      for (const envelope of envelopes) {
        const beat = envelope === null ? undefined : this.#dispatch.open<Beat>('beat', envelope)?.head;
        for (const id of beat?.tasks ?? []) found.add(id);
      }
    }
    return found;
  }

  async #lookForWorkers(running: readonly TaskParcel[]): Promise<void> {
    if (running.length === 0) return;
    const { redis, names } = this.#dispatch;
    const workers = [...new Set(running.map(({ worker }) => worker))];
    const found = await redis.mgetBuffer(...workers.map((worker) => names.beat(worker)));
    const beats = new Map<string, Beat | undefined>();
    workers.forEach((worker, i) => {
      const envelope = found[i];
      beats.set(worker, envelope === null ? undefined : this.#dispatch.open<Beat>('beat', envelope)?.head);
    });
    const tasks = new Map(workers.map((worker) => [worker, new Set(beats.get(worker)?.tasks)]));
    for (const parcel of running) {
      const beat = beats.get(parcel.worker);
      const isThere = beat !== undefined && (beat.number <= parcel.beat || tasks.get(parcel.worker)?.has(parcel.id));
      if (isThere) parcel.misses = 0;
      else if (++parcel.misses >= MISSES && parcel.whereabouts === 'running') {
        this.#dispatch.died(parcel, beat === undefined ? 'has died' : 'has run it, but its result was lost with Redis');
      }
    }
  }
}
