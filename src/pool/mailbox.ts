/**
 * Where the results of a thread's tasks come in, whatever pool they were given to: one mailbox for each thread and
 * memory. Workers put into it, the thread that submitted takes out, when its event loop turns or in a blocking call
 * that waits for a result. So one wait is enough for any number of tasks of any number of pools.
 *
 * ```
 * +0   message log (queue/message-log.ts)
 * +24  READERS wait queue: its thread, when that waits
 * +28  OWNER   party whose mailbox it is
 * +29  SLABS   its slots (slots.ts)
 * ```
 *
 * Mail is about one use of one slot. It is an integer, `use << 21 | index << 3 | code`, or begins with the two words
 * `index << 3 | code` and `use`, and goes on with a pickled value (framed.ts), or with the parcel that has it.
 *
 * Mail may come twice: from a worker, and from who takes that worker for dead. The first counts; the use tells.
 */

import { outsideFlows } from '../memory/flow.ts';
import { MAILBOX, onDestroy } from '../memory/kinds.ts';
import { localMemory } from '../memory/local-memory.ts';
import type { Memory } from '../memory/memory.ts';
import { systemMemory, usesSystemMemory } from '../memory/system-memory.ts';
import { type Contest, waitAsync, waitBlocking } from '../memory/wait.ts';
import { WAIT_QUEUE_WORDS, WaitQueue } from '../memory/wait-queue.ts';
import { bytesMessage, discardMessage, integerMessage, type Message } from '../queue/message.ts';
import { LOG_WORDS, MessageLog } from '../queue/message-log.ts';
import { parcelValue } from '../queue/parcel.ts';
import { loadAfter, wordAt } from './framed.ts';
import { freeSlabs, Slots, slot } from './slots.ts';

/** How often is looked after the workers, at least, while this thread blocks for mail. */
const BEAT_MILLISECONDS = 100;

const READERS = LOG_WORDS;
const OWNER = READERS + WAIT_QUEUE_WORDS;
const SLABS = OWNER + 1;
const BYTES = (SLABS + 1) * 4;

/** The result is in the slot. */
export const PLAIN = 0;
/** The task has started. */
export const STARTED = 1;
/** The task was cancelled before it started, and is out of the queue. */
export const DROPPED = 2;
/** A result, pickled, as the rest of the mail or in a parcel that others read too. */
export const VALUE = 3;
export const VALUE_PARCEL = 4;
/** What the task has thrown. */
export const THROWN = 5;
export const THROWN_PARCEL = 6;
/** Words before a pickled value. */
export const MAIL_HEADER_BYTES = 12;

/** Who waits for the mail about a slot. */
export interface Addressee {
  /** What it belongs to, for who asks for all of one pool: see {@link Mailbox.of}. */
  readonly group: object | null;
  /** The task runs since then, on the clock of slots.ts. */
  started(at: number, submittedAt: number): void;
  /** The task is over; `code` says what `value` is. Its slot can still be read. */
  ended(code: typeof VALUE | typeof THROWN | typeof DROPPED, value: unknown, memory: Memory, slot: number): void;
}

onDestroy(MAILBOX, (memory, payload) => {
  new MessageLog(memory, payload).destroy();
  freeSlabs(memory, payload + SLABS);
});

const mine: { local: Mailbox | null; system: Mailbox | null } = { local: null, system: null };

export class Mailbox {
  readonly memory: Memory;
  readonly payload: number;
  readonly slots: Slots;
  readonly #owner: number;
  readonly #log: MessageLog;
  readonly #readers: WaitQueue;
  readonly #addressees: (Addressee | null)[] = [];
  /** What looks after the workers whose results are awaited, at each beat of a wait. */
  readonly #beats = new Set<() => void>();
  #lastBeat = 0;
  /** How often mail was taken out. */
  #taken = 0;
  #pending = 0;
  #listening = false;

  private constructor(memory: Memory) {
    this.memory = memory;
    this.#owner = memory.parties.self;
    this.payload = memory.heap.allocate(BYTES, MAILBOX);
    memory.holdings.hold(this.payload);
    memory.i32[this.payload + OWNER] = this.#owner;
    this.#log = new MessageLog(memory, this.payload);
    this.#readers = new WaitQueue(memory, this.payload + READERS, this);
    this.slots = new Slots(memory, this.payload + SLABS);
  }

  /** This thread's mailbox in a memory. */
  static in(memory: Memory): Mailbox {
    const known = mine[memory.kind];
    // A warm worker is another party with each thread that it runs.
    if (known !== null && known.#owner === memory.parties.self) return known;
    const mailbox = new Mailbox(memory);
    mine[memory.kind] = mailbox;
    return mailbox;
  }

  /** A slot for a task whose mail goes to `addressee`. */
  open(addressee: Addressee, flags: number): number {
    const index = this.slots.take(flags);
    this.#addressees[index] = addressee;
    this.#pending++;
    if (!this.#listening) this.#listen();
    return index;
  }

  /** The task was not submitted after all. */
  close(index: number): void {
    this.#addressees[index] = null;
    this.slots.give(index);
    this.#countDown();
  }

  /** Those of one group that still wait. */
  of(group: object): Addressee[] {
    return this.#addressees.filter((addressee) => addressee !== null && addressee.group === group) as Addressee[];
  }

  /** Has `beat` called now and then while this thread waits for mail; returns how to end that. */
  whileWaiting(beat: () => void): () => void {
    this.#beats.add(beat);
    return () => this.#beats.delete(beat);
  }

  /** Takes out all mail there is, and tells those that it is for. Returns whether there was any. */
  collect(): boolean {
    let any = false;
    for (let mail = this.#log.take(); mail !== null; mail = this.#log.take()) {
      any = true;
      this.#taken++;
      this.#receive(mail);
    }
    return any;
  }

  /** One task less is under way; after the last one, nothing keeps the program alive any more. */
  #countDown(): void {
    if (--this.#pending === 0 && this.#listening) this.#readers.wake(Number.POSITIVE_INFINITY);
  }

  /** Whether there is mail. */
  get hasMail(): boolean {
    return this.#log.length > 0;
  }

  /** Blocks until there is mail, or was: a beat may have taken it out. Returns false when the time has passed. */
  await(milliseconds: number): boolean {
    const taken = this.#taken;
    const isMail = (): boolean => this.hasMail || this.#taken !== taken;
    this.beatOften();
    if (isMail()) return true;
    if (milliseconds <= 0) return false;
    return waitBlocking(this.memory, this.#mail(isMail), milliseconds);
  }

  /** How many tasks are under way. */
  get pending(): number {
    return this.#pending;
  }

  /** A wait that mail ends at once has no beats: then they come from here, lest a steady stream of it hides a death. */
  beatOften(): void {
    if (this.#beats.size > 0 && performance.now() - this.#lastBeat > BEAT_MILLISECONDS) this.#beat();
  }

  #beat(): void {
    for (const beat of [...this.#beats]) beat();
    this.#lastBeat = performance.now();
  }

  #mail(isMail: () => boolean): Contest {
    return {
      queue: this.#readers,
      attempt: isMail,
      beat: () => {
        this.#beat();
        return isMail();
      },
      surplus: () => {},
    };
  }

  /** While tasks are under way, the program stays alive, and mail is taken out whenever the event loop turns. */
  #listen(): void {
    this.#listening = true;
    const contest = this.#mail(() => this.hasMail || this.#pending === 0);
    void outsideFlows(async () => {
      await waitAsync(this.memory, contest, {});
      this.collect();
      this.#listening = false;
      if (this.#pending > 0 && this.#owner === this.memory.parties.self) this.#listen();
    });
  }

  #receive(mail: Message): void {
    if (mail.bytes === null) {
      const index = (mail.integer >> 3) & SHORT_INDEX;
      const code = mail.integer & 7;
      const at = this.slots.address(index);
      if (this.#isStale(index, at, mail.integer >>> 21)) return;
      this.#receiveShort(index, at, code);
      return;
    }
    const { bytes } = mail;
    const head = wordAt(bytes, 0);
    const index = head >> 3;
    const code = head & 7;
    const at = this.slots.address(index);
    if (this.#isStale(index, at, wordAt(bytes, 4))) {
      discardMessage(mail);
      return;
    }
    if (code === STARTED || code === PLAIN || code === DROPPED) {
      this.#receiveShort(index, at, code);
      return;
    }
    let value: unknown;
    let failed = code === THROWN || code === THROWN_PARCEL;
    try {
      if (code === VALUE_PARCEL || code === THROWN_PARCEL) value = parcelValue(this.memory, wordAt(bytes, 8));
      else value = loadAfter(MAIL_HEADER_BYTES, mail);
    } catch (error) {
      // It cannot be made here: that is how this task ends, and nobody else's business.
      value = error;
      failed = true;
    }
    discardMessage(mail);
    this.#end(index, at, failed ? THROWN : VALUE, value);
  }

  #isStale(index: number, at: number, use: number): boolean {
    return this.#addressees[index] === null || slot.use(this.memory, at) !== use;
  }

  #receiveShort(index: number, at: number, code: number): void {
    if (code === STARTED) {
      this.#addressees[index]?.started(slot.startedAt(this.memory, at), slot.submittedAt(this.memory, at));
      return;
    }
    if (code === PLAIN) this.#end(index, at, VALUE, slot.plain(this.memory, at));
    else this.#end(index, at, DROPPED, undefined);
  }

  #end(index: number, at: number, code: typeof VALUE | typeof THROWN | typeof DROPPED, value: unknown): void {
    const addressee = this.#addressees[index];
    const abort = slot.abort(this.memory, at);
    const cell = slot.cell(this.memory, at);
    this.#addressees[index] = null;
    addressee?.ended(code, value, this.memory, at);
    this.slots.give(index);
    this.#countDown();
    if (abort !== 0) this.memory.holdings.release(abort);
    if (cell !== 0) this.memory.holdings.release(cell);
  }
}

interface Recipient {
  log: MessageLog;
  readers: WaitQueue;
}

const recipients = { local: new Map<number, Recipient>(), system: new Map<number, Recipient>() };

/** Puts mail into any thread's mailbox. @throws MemoryError there is no room for it; nothing was put. */
export function post(memory: Memory, mailbox: number, mail: Message): void {
  const known = recipients[memory.kind];
  let recipient = known.get(mailbox);
  if (recipient === undefined) {
    recipient = { log: new MessageLog(memory, mailbox), readers: new WaitQueue(memory, mailbox + READERS) };
    if (known.size > 100) known.clear();
    known.set(mailbox, recipient);
  }
  if (memory.parties.hasMovedOn(memory.i32[mailbox + OWNER])) {
    discardMessage(mail); // nobody is there to read it
    return;
  }
  recipient.log.put(mail);
  recipient.readers.wake(1);
}

/** An index that fits into mail of one word. */
const SHORT_INDEX = 0x3ffff;

/** Mail without a value. */
export function shortMail(memory: Memory, at: number, use: number, code: number): Message {
  const index = slot.index(memory, at);
  if (index <= SHORT_INDEX) return integerMessage((use << 21) | (index << 3) | code);
  const bytes = Buffer.alloc(MAIL_HEADER_BYTES);
  writeMailHeader(bytes, memory, at, use, code);
  return bytesMessage(bytes);
}

/** Begins longer mail. */
export function writeMailHeader(bytes: Buffer, memory: Memory, at: number, use: number, code: number, more = 0): void {
  bytes.writeInt32LE((slot.index(memory, at) << 3) | code, 0);
  bytes.writeInt32LE(use, 4);
  bytes.writeInt32LE(more, 8);
}

/** This thread's mailboxes that have tasks under way. */
export function busyMailboxes(): Mailbox[] {
  const found: Mailbox[] = [];
  for (const memory of [localMemory(), usesSystemMemory()]) {
    const mailbox = memory === undefined ? null : mine[memory.kind];
    if (mailbox !== null && mailbox.pending > 0) found.push(mailbox);
  }
  return found;
}

/** The memory that the tasks of threads, or of processes, are in. */
export function memoryOf(kind: 'local' | 'system'): Memory {
  return kind === 'local' ? localMemory() : systemMemory();
}
