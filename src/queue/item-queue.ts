/**
 * What all queues have in common: items, copied when they are put, in a channel.
 *
 * ```
 *  +0 channel (channel.ts)
 * +10 JOINERS wait queue  +14 DONE  items reported done, of those that were ever put (queue.ts)
 * +16 the store: a log, a stack or a heap (discipline.ts)
 * ```
 */

import { Empty, Full, ShutDown } from '../errors.ts';
import { beginWait } from '../memory/flow.ts';
import { Place, SharedObject } from '../memory/handle.ts';
import type { Memory } from '../memory/memory.ts';
import type { AsyncWaitSettings } from '../sync/async-wait.ts';
import { describe } from '../sync/timeout.ts';
import { Channel, type NoMessage } from './channel.ts';
import { type Discipline, STORE } from './discipline.ts';
import { decodeMessage, encodeMessage, type Message } from './message.ts';
import type { PutResult } from './store.ts';

/** A place for a new queue. @throws TypeError if `maxsize` is no integer. */
export function placeForQueue(memory: Memory, discipline: Discipline, maxsize: unknown, who: string): Place {
  if (typeof maxsize !== 'number' || !Number.isInteger(maxsize)) {
    throw new TypeError(`${who}: maxsize must be an integer (0 or less: no limit), not ${describe(maxsize)}`);
  }
  const place = Place.fresh(memory, (STORE + discipline.words) * 4, discipline.kind);
  // Nobody has the place yet.
  new Channel(channelAt(place, discipline, place)).limit = Math.min(Math.max(maxsize, 0), 0x7fff_ffff);
  return place;
}

function channelAt({ memory, base }: Place, { make }: Discipline, owner: object) {
  return { memory, base, owner, store: { make, base: base + STORE } };
}

/** A queue of items for any number of threads (and processes, on the system memory). */
export abstract class ItemQueue<T> extends SharedObject {
  /** @internal */
  protected readonly channel: Channel;
  readonly #memory: Memory;

  protected constructor(place: Place, discipline: Discipline) {
    super(place);
    this.#memory = place.memory;
    this.channel = new Channel(channelAt(place, discipline, this));
  }

  /** How many items are in the queue just now. */
  qsize(): number {
    return this.channel.store.length;
  }

  /** Whether the queue is empty just now. */
  empty(): boolean {
    return this.channel.store.length === 0;
  }

  /** @internal */
  protected putItem(item: T, milliseconds: number): void {
    this.#checkPut(this.channel.put(this.#encode(item), item, milliseconds));
  }

  /** @internal */
  protected async putItemAsync(item: T, wait: AsyncWaitSettings): Promise<void> {
    beginWait(wait.signal);
    this.#checkPut(await this.channel.putAsync(this.#encode(item), item, wait));
  }

  /** @internal */
  protected getItem(milliseconds: number): T {
    return this.#decode(this.channel.take(milliseconds));
  }

  /** @internal */
  protected async getItemAsync(wait: AsyncWaitSettings): Promise<T> {
    beginWait(wait.signal);
    return this.#decode(await this.channel.takeAsync(wait));
  }

  #encode(item: T): Message {
    return encodeMessage(item, this.#memory.kind === 'local' ? 'thread' : 'process', 'item');
  }

  #decode(message: Message | NoMessage): T {
    if (message === 'empty') throw new Empty('the queue is empty; wait longer, or put something');
    if (message === 'closed') throw new ShutDown('the queue was shut down, and no items are left');
    return decodeMessage(message) as T;
  }

  #checkPut(result: PutResult): void {
    if (result === 'put') return;
    if (result === 'closed') throw new ShutDown('the queue was shut down: nothing can be put any more');
    throw new Full(`the queue holds its ${this.channel.limit} items; get some, or wait longer`);
  }
}
