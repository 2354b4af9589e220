/**
 * The outcome of a future that several threads know: made when a future is first sent to another thread.
 *
 * ```
 * cell        +0 STATE    0 pending, 1 running, 2 cancelled, 3 a value, 4 an error
 *             +1 OUTCOME  parcel of the value or error
 *             +2 LOCK     guards STATE and the list
 *             +3 SUBSCRIBERS   first of those that want to know
 *             +4 SOURCE   slot of the task whose outcome it is, 0: whoever has the future sets it
 *             +5 SOURCE_MAILBOX  +6 SOURCE_USE   of that slot
 * subscriber  +0 NEXT  +1 MAILBOX  +2 SLOT  +3 USE
 * ```
 *
 * A thread that has the future subscribes with a slot of its own mailbox, as if the future were a task of its own: so
 * all waiting is for mail. Whoever settles the future, a worker for a task, publishes here and posts to each.
 */

import { objectAt, Place, SharedObject } from '../memory/handle.ts';
import { CELL, onDestroy } from '../memory/kinds.ts';
import type { Memory } from '../memory/memory.ts';
import { acquireSpinLock, releaseSpinLock } from '../memory/spin-lock.ts';
import { dumps, dumpsError } from '../pickle/index.ts';
import { bytesMessage, discardMessage, type Message, messageOf } from '../queue/message.ts';
import { layMessage, parcelValue } from '../queue/parcel.ts';
import {
  DROPPED,
  MAIL_HEADER_BYTES,
  post,
  STARTED,
  shortMail,
  THROWN_PARCEL,
  VALUE_PARCEL,
  writeMailHeader,
} from './mail.ts';
import { type Addressee, Mailbox } from './mailbox.ts';
import { RUNNING as SLOT_RUNNING, slot } from './slots.ts';

const STATE = 0;
const OUTCOME = 1;
const LOCK = 2;
const SUBSCRIBERS = 3;
const SOURCE = 4;
const SOURCE_MAILBOX = 5;
const SOURCE_USE = 6;
const BYTES = 7 * 4;

const NEXT = 0;
const MAILBOX = 1;
const SLOT = 2;
const USE = 3;
const SUBSCRIBER_BYTES = 4 * 4;

export const CELL_PENDING = 0;
export const CELL_RUNNING = 1;
export const CELL_CANCELLED = 2;
export const CELL_VALUE = 3;
export const CELL_ERROR = 4;

onDestroy(CELL, (memory, payload) => {
  const w = memory.i32;
  if (w[payload + OUTCOME] !== 0) memory.holdings.release(w[payload + OUTCOME]);
  for (let node = w[payload + SUBSCRIBERS]; node !== 0; ) {
    const next = memory.i32[node + NEXT];
    memory.holdings.release(memory.i32[node + MAILBOX]);
    memory.heap.free(node);
    node = next;
  }
  if (w[payload + SOURCE_MAILBOX] !== 0) memory.holdings.release(w[payload + SOURCE_MAILBOX]);
});

/** A view of a cell. */
export class FutureCell extends SharedObject {
  readonly #memory: Memory;
  readonly #at: number;

  constructor(place: Place) {
    super(place);
    this.#memory = place.memory;
    this.#at = place.base;
  }

  /** A cell for a future that has no outcome yet. */
  static create(memory: Memory): FutureCell {
    return new FutureCell(Place.fresh(memory, BYTES, CELL));
  }

  /** It is the outcome of a task: who cancels the future cancels that. The slot counts the cell up. */
  setSource(at: number, mailbox: number): void {
    const { i32: w, holdings } = this.#memory;
    holdings.retain(mailbox);
    holdings.retain(this.#at);
    w[this.#at + SOURCE_USE] = slot.use(this.#memory, at);
    w[this.#at + SOURCE_MAILBOX] = mailbox;
    Atomics.store(w, this.#at + SOURCE, at);
    slot.setCell(this.#memory, at, this.#at);
  }

  get state(): number {
    const state = this.#load(STATE);
    const source = this.#load(SOURCE);
    if (state !== CELL_PENDING || source === 0) return state;
    if (slot.use(this.#memory, source) !== this.#load(SOURCE_USE)) return state;
    return slot.state(this.#memory, source) === SLOT_RUNNING ? CELL_RUNNING : state;
  }

  /** The value, or the error; good once it is settled. */
  get outcome(): unknown {
    const parcel = this.#load(OUTCOME);
    return parcel === 0 ? undefined : parcelValue(this.#memory, parcel);
  }

  /** Cancels it, if it has not begun. Of a task: whoever takes it out of the queue will say so. */
  cancel(): boolean {
    const source = this.#load(SOURCE);
    if (source === 0) return this.#settle(CELL_CANCELLED, 0, [CELL_PENDING]);
    if (!slot.cancel(this.#memory, source, this.#load(SOURCE_USE))) return this.state === CELL_CANCELLED;
    this.#settle(CELL_CANCELLED, 0, [CELL_PENDING]);
    return true;
  }

  /** It runs from now on. Returns the state that it was in. */
  run(): number {
    return this.#locked(() => {
      const before = this.#load(STATE);
      if (before === CELL_PENDING) Atomics.store(this.#memory.i32, this.#at + STATE, CELL_RUNNING);
      return before;
    });
  }

  /** Sets the outcome. Returns false if there was one. @throws PicklingError the value cannot be sent. */
  settle(failed: boolean, value: unknown): boolean {
    const scope = this.#memory.kind === 'local' ? 'thread' : 'process';
    const message = messageOf(failed ? dumpsError(value, scope) : dumps(value, { scope, root: 'result' }));
    const parcel = layMessage(this.#memory, message);
    if (this.#settle(failed ? CELL_ERROR : CELL_VALUE, parcel, [CELL_PENDING, CELL_RUNNING])) return true;
    this.#memory.holdings.release(parcel);
    return false;
  }

  /** Has this thread's mailbox told, about a slot for `addressee`, when it is settled; at once if it is. */
  subscribe(addressee: Addressee): void {
    const memory = this.#memory;
    const mailbox = Mailbox.in(memory);
    const at = mailbox.slots.address(mailbox.open(addressee, 0));
    const node = memory.heap.allocate(SUBSCRIBER_BYTES);
    const w = memory.i32;
    w[node + MAILBOX] = mailbox.payload;
    w[node + SLOT] = at;
    w[node + USE] = slot.use(memory, at);
    memory.holdings.retain(mailbox.payload);
    const settled = this.#locked(() => {
      if (this.#load(STATE) >= CELL_CANCELLED) return true;
      w[node + NEXT] = w[this.#at + SUBSCRIBERS];
      Atomics.store(w, this.#at + SUBSCRIBERS, node);
      return false;
    });
    if (settled) this.#tell(node);
  }

  #settle(state: number, parcel: number, from: number[]): boolean {
    const w = this.#memory.i32;
    let told = 0;
    const settled = this.#locked(() => {
      if (!from.includes(this.#load(STATE))) return false;
      w[this.#at + OUTCOME] = parcel;
      Atomics.store(w, this.#at + STATE, state);
      told = Atomics.exchange(w, this.#at + SUBSCRIBERS, 0);
      return true;
    });
    while (told !== 0) {
      const next = w[told + NEXT];
      this.#tell(told);
      told = next;
    }
    return settled;
  }

  #tell(node: number): void {
    const memory = this.#memory;
    const w = memory.i32;
    const [mailbox, at, use] = [w[node + MAILBOX], w[node + SLOT], w[node + USE]];
    const state = this.#load(STATE);
    const parcel = this.#load(OUTCOME);
    let mail: Message;
    if (state === CELL_CANCELLED || state === CELL_RUNNING) {
      mail = shortMail(memory, at, use, state === CELL_RUNNING ? STARTED : DROPPED);
    } else {
      const bytes = Buffer.alloc(MAIL_HEADER_BYTES);
      writeMailHeader(bytes, memory, at, use, state === CELL_VALUE ? VALUE_PARCEL : THROWN_PARCEL, parcel);
      memory.holdings.retain(parcel);
      mail = { ...bytesMessage(bytes), references: [memory.kind === 'local' ? parcel : -parcel] };
    }
    try {
      post(memory, mailbox, mail);
    } catch (error) {
      discardMessage(mail);
      throw error;
    } finally {
      memory.heap.free(node);
      memory.holdings.release(mailbox);
    }
  }

  #locked<R>(step: () => R): R {
    acquireSpinLock(this.#memory, this.#at + LOCK);
    try {
      return step();
    } finally {
      releaseSpinLock(this.#memory, this.#at + LOCK);
    }
  }

  #load(word: number): number {
    return Atomics.load(this.#memory.i32, this.#at + word);
  }
}

/** This thread's object for a cell. */
export function cellAt(memory: Memory, payload: number): FutureCell {
  return objectAt(new Place(memory, payload), (place) => new FutureCell(place));
}

/** Publishes the outcome of a task, for those beside its submitter that have the future. */
export function publish(memory: Memory, cell: number, failed: boolean, value: unknown): void {
  try {
    cellAt(memory, cell).settle(failed, value);
  } catch (error) {
    cellAt(memory, cell).settle(true, error); // the value cannot be sent
  }
}
