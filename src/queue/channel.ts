/**
 * A store of messages, with those that wait to put into it and to take from it.
 *
 * ```
 * +0 GETTERS wait queue  +4 PUTTERS wait queue
 * +8 LIMIT   how many messages (or words, see below) it holds at most; 0: no limit
 * +9 STATE   0 open; others: closed, see CLOSED and ABANDONED
 * ```
 */

import type { Memory } from '../memory/memory.ts';
import { type Contest, waitAsync, waitBlocking } from '../memory/wait.ts';
import { WaitQueue } from '../memory/wait-queue.ts';
import type { AsyncWaitSettings } from '../sync/async-wait.ts';
import { discardMessage, keepMessage, type Message, messageValue } from './message.ts';
import type { Gate, MakeStore, PutResult, Store } from './store.ts';

const GETTERS = 0;
const PUTTERS = 4;
const LIMIT = 8;
const STATE = 9;
/** Words of a channel, without its store. */
export const CHANNEL_WORDS = 10;

/** Nothing is put any more. */
export const CLOSED = 1;
/** Nothing is taken any more either: what is left has been thrown away. */
export const ABANDONED = 2;

/** Why there is no message. */
export type NoMessage = 'empty' | 'closed';

/** How a kind of channel differs. */
export interface ChannelSettings {
  memory: Memory;
  base: number;
  /** The object that the channel is a part of. */
  owner: object;
  store: { make: MakeStore; base: number };
  /** LIMIT counts words; a message that is longer is admitted alone. */
  limitsWords?: boolean;
  /** Looks whether a death has closed it; called now and then by those that wait. */
  beat?: () => void;
}

export class Channel implements Gate {
  readonly store: Store;
  readonly #memory: Memory;
  readonly #base: number;
  readonly #getters: WaitQueue;
  readonly #putters: WaitQueue;
  readonly #limitsWords: boolean;
  readonly #beat: (() => void) | undefined;

  constructor({ memory, base, owner, store, limitsWords = false, beat }: ChannelSettings) {
    this.#memory = memory;
    this.#base = base;
    this.#limitsWords = limitsWords;
    this.#beat = beat;
    this.#getters = new WaitQueue(memory, base + GETTERS, owner);
    this.#putters = new WaitQueue(memory, base + PUTTERS, owner);
    this.store = store.make(memory, store.base, this);
  }

  /** How many messages (or words) the channel holds at most; 0: no limit. */
  get limit(): number {
    return Atomics.load(this.#memory.i32, this.#base + LIMIT);
  }

  set limit(limit: number) {
    Atomics.store(this.#memory.i32, this.#base + LIMIT, limit);
  }

  /** 0, {@link CLOSED} or {@link ABANDONED}. */
  get state(): number {
    return Atomics.load(this.#memory.i32, this.#base + STATE);
  }

  admits(store: Store, words: number): PutResult {
    if (this.state !== 0) return 'closed';
    const limit = this.limit;
    if (limit === 0) return 'put';
    if (!this.#limitsWords) return store.length < limit ? 'put' : 'full';
    const used = store.words;
    return used === 0 || used + words <= limit ? 'put' : 'full';
  }

  /**
   * Puts a message, made of `value`, and blocks for room. Unless it was put, the message has been discarded.
   * @throws whatever the store throws
   */
  put(message: Message, value: unknown, milliseconds: number): PutResult {
    let result: PutResult = 'closed';
    try {
      result = this.store.put(message, value);
      if (result === 'full' && milliseconds > 0) {
        const put = new Put(this, message, value);
        waitBlocking(this.#memory, put, milliseconds);
        result = put.result;
      }
    } catch (error) {
      discardMessage(message);
      throw error;
    }
    return this.#afterPut(message, result);
  }

  /** {@link put} while the event loop goes on. */
  async putAsync(message: Message, value: unknown, wait: AsyncWaitSettings): Promise<PutResult> {
    let result: PutResult = 'closed';
    try {
      result = this.store.put(message, value);
      if (result === 'full' && wait.milliseconds > 0) {
        keepMessage(message);
        // What is put may be changed meanwhile, and then no longer be what was pickled.
        const put = new Put(this, message, this.store.comparesValues ? messageValue(message) : value);
        await waitAsync(this.#memory, put, wait);
        result = put.result;
      }
    } catch (error) {
      discardMessage(message);
      throw error;
    }
    return this.#afterPut(message, result);
  }

  /** Takes a message, and blocks until there is one. */
  take(milliseconds: number): Message | NoMessage {
    const message = this.store.take();
    if (message !== null) return this.#afterTake(message);
    const get = new Get(this);
    if (!get.attempt() && milliseconds > 0) waitBlocking(this.#memory, get, milliseconds);
    return this.#afterTake(get.result);
  }

  /** {@link take} while the event loop goes on. */
  async takeAsync(wait: AsyncWaitSettings): Promise<Message | NoMessage> {
    const get = new Get(this);
    if (!get.attempt() && wait.milliseconds > 0) await waitAsync(this.#memory, get, wait);
    return this.#afterTake(get.result);
  }

  /** Whether {@link take} would not wait. */
  get ready(): boolean {
    return this.store.length > 0 || this.state !== 0;
  }

  /** Waits for something to take, and leaves it. Who has won it calls {@link passOn} when it has seen enough. */
  readiness(): Contest {
    return {
      queue: this.#getters,
      attempt: () => this.ready,
      beat: () => this.beat(),
      surplus: () => this.passOn(),
    };
  }

  /** Somebody else may have use for what was not taken. */
  passOn(): void {
    if (this.ready) this.#getters.wake(1);
  }

  /** Somebody else may have use for the room that is left. */
  passRoomOn(): void {
    if (this.admits(this.store, 1) !== 'full') this.#putters.wake(1);
  }

  /** Closes the channel to a degree, never less than before; who waits learns of it. */
  close(degree: number): void {
    const w = this.#memory.i32;
    for (let state = this.state; state < degree; state = this.state) {
      Atomics.compareExchange(w, this.#base + STATE, state, degree);
    }
  }

  /** Wakes all that wait. */
  wakeAll(): void {
    this.#getters.wake(Number.POSITIVE_INFINITY);
    this.#putters.wake(Number.POSITIVE_INFINITY);
  }

  beat(): boolean {
    this.#beat?.();
    return false;
  }

  get getters(): WaitQueue {
    return this.#getters;
  }

  get putters(): WaitQueue {
    return this.#putters;
  }

  #afterPut(message: Message, result: PutResult): PutResult {
    if (result !== 'put') {
      discardMessage(message);
      return result;
    }
    this.#getters.wake(1);
    // One large message taken makes room for many small ones, but wakes one.
    if (this.#limitsWords && this.#putters.length > 0) this.passRoomOn();
    return 'put';
  }

  #afterTake(message: Message | NoMessage): Message | NoMessage {
    if (typeof message !== 'string' && this.#putters.length > 0) this.#putters.wake(1);
    return message;
  }
}

/** The turn of a message that is to be put. */
class Put implements Contest {
  readonly queue: WaitQueue;
  readonly #channel: Channel;
  readonly #message: Message;
  readonly #value: unknown;
  result: PutResult = 'full';

  constructor(channel: Channel, message: Message, value: unknown) {
    this.queue = channel.putters;
    this.#channel = channel;
    this.#message = message;
    this.#value = value;
  }

  attempt(): boolean {
    const { store } = this.#channel;
    // An attempt without the lock first: who spins must not keep it from those that make room.
    if (this.#channel.admits(store, 1) === 'full') return false;
    this.result = store.put(this.#message, this.#value);
    return this.result !== 'full';
  }

  beat(): boolean {
    return this.#channel.beat();
  }

  surplus(): void {
    this.#channel.passRoomOn();
  }
}

/** The turn of somebody who wants a message. */
class Get implements Contest {
  readonly queue: WaitQueue;
  readonly #channel: Channel;
  result: Message | NoMessage = 'empty';

  constructor(channel: Channel) {
    this.queue = channel.getters;
    this.#channel = channel;
  }

  attempt(): boolean {
    // Asked first: messages that were put before it was closed are still there to be taken.
    const closed = this.#channel.state !== 0;
    const message = this.#channel.store.take();
    this.result = message ?? (closed ? 'closed' : 'empty');
    return message !== null || closed;
  }

  beat(): boolean {
    return this.#channel.beat();
  }

  surplus(): void {
    this.#channel.passOn();
  }
}
