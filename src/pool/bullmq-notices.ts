/**
 * What workers say of the tasks of an executor: in a stream in Redis that this executor alone reads. What was read is
 * removed from it.
 */

import type { Redis } from 'ioredis';
import { AuthenticationError } from '../errors.ts';
import { connect } from './bullmq-connection.ts';
import type { Dispatch } from './bullmq-dispatch.ts';
import { type NoticeHead, REFUSED } from './bullmq-envelope.ts';
import type { RedisLink } from './bullmq-link.ts';
import type { TaskParcel } from './bullmq-parcel.ts';

/** So many notices are read in one go. */
const BATCH = 500;
const READ_MILLISECONDS = 5000;

export class Notices {
  readonly #link: RedisLink;
  readonly #dispatch: Dispatch;
  /** Its commands block the connection. */
  readonly #reader: Redis;
  readonly #key: string;
  #from = '0';

  constructor(link: RedisLink, dispatch: Dispatch) {
    const { endpoint, executor } = dispatch.settings;
    this.#link = link;
    this.#dispatch = dispatch;
    this.#key = dispatch.names.notices(executor);
    this.#reader = connect(endpoint);
    this.#reader.on('error', (error) => link.noteError(error));
    this.#reader.on('ready', () => {
      this.#from = '0'; // Redis may have begun anew
    });
  }

  /** Reads for as long as there is a connection. */
  async read(): Promise<never> {
    for (;;) {
      let found: [Buffer, [Buffer, Buffer[]][]][] | null;
      try {
        const how = ['COUNT', BATCH, 'BLOCK', READ_MILLISECONDS, 'STREAMS', this.#key, this.#from] as const;
        found = (await this.#reader.xreadBuffer(...how)) as typeof found;
      } catch (error) {
        if (this.#reader.status === 'end') return new Promise(() => {});
        this.#link.noteError(error);
        await new Promise((resolve) => setTimeout(resolve, 100));
        continue;
      }
      if (found === null) continue;
      const entries = found[0][1];
      for (const [, [, envelope]] of entries) this.#receive(envelope);
      const ids = entries.map(([id]) => id.toString());
      this.#from = ids[ids.length - 1];
      this.#link.redis.xdel(this.#key, ...ids).catch((error) => this.#link.noteError(error));
    }
  }

  /** Removes the stream. */
  async remove(): Promise<void> {
    await this.#link.redis.del(this.#key);
  }

  close(): void {
    this.#reader.disconnect();
  }

  #receive(envelope: Buffer): void {
    const opened = this.#dispatch.open<NoticeHead>('notice', envelope);
    if (opened === null) {
      this.#receiveRefusal(envelope);
      return;
    }
    const { head, body } = opened;
    const parcel = this.#dispatch.parcels.get(head.id);
    if (parcel === undefined) return;
    if (head.what === 'started') this.#started(parcel, head);
    else if (head.what === 'exhausted') this.#dispatch.died(parcel, 'has died');
    else {
      parcel.end(head.what === 'thrown', body);
      this.#dispatch.forget(parcel);
    }
  }

  #started(parcel: TaskParcel, { worker, beat, where }: NoticeHead): void {
    if (parcel.whereabouts === 'dropped') {
      // It was cancelled a moment too late.
      parcel.worker = worker;
      this.#dispatch.callOff(parcel);
      return;
    }
    const isNew = parcel.worker !== worker || parcel.beat !== beat || parcel.whereabouts !== 'running';
    Object.assign(parcel, { worker, beat, where, misses: 0, whereabouts: 'running' });
    if (isNew) parcel.starts++;
    if (!parcel.begin()) {
      parcel.whereabouts = 'dropped';
      this.#started(parcel, { worker, beat, where } as NoticeHead);
    } else if (parcel.starts >= this.#dispatch.settings.attempts) parcel.order = null;
  }

  /** Not signed, and so believed only where there is nothing to be gained: who can write here can remove tasks too. */
  #receiveRefusal(envelope: Buffer): void {
    const [what, id, where = ''] = envelope.toString('utf8', 0, 300).split('\n');
    const parcel = what === REFUSED ? this.#dispatch.parcels.get(id) : undefined;
    if (parcel === undefined) return;
    parcel.fail(
      new AuthenticationError(`a worker (${where}) has refused the task: its authkey is not that of this executor`),
    );
    this.#dispatch.forget(parcel);
  }
}
