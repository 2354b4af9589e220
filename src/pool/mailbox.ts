/**
 * Where the results of a thread's tasks come in, whatever pool they were given to: one mailbox for each thread and
 * memory. Workers put into it, the thread that submitted takes out, when its event loop turns or in a blocking call
 * that waits for a result. So one wait is enough for any number of tasks of any number of pools.
 *
 * What lies in it, and how it gets there, is told in mail.ts. Mail may come twice: from a worker, and from who takes that
 * worker for dead. The first counts; the use of the slot tells.
 */

import { outsideFlows } from '../memory/flow.ts';
import { MAILBOX, onDestroy } from '../memory/kinds.ts';
import { localMemory } from '../memory/local-memory.ts';
import type { Memory } from '../memory/memory.ts';
import { usesSystemMemory } from '../memory/system-memory.ts';
import { type Contest, waitAsync, waitBlocking } from '../memory/wait.ts';
import { WaitQueue } from '../memory/wait-queue.ts';
import { discardMessage, type Message } from '../queue/message.ts';
import { MessageLog } from '../queue/message-log.ts';
import { wordAt } from './framed.ts';
import {
  DROPPED,
  MAILBOX_BYTES,
  mailValue,
  OWNER,
  PLAIN,
  READERS,
  SHORT_INDEX,
  SLABS,
  STARTED,
  THROWN,
  THROWN_PARCEL,
  VALUE,
} from './mail.ts';
import { freeSlabs, Slots, slot } from './slots.ts';

/** How often is looked after the workers, at least, while this thread blocks for mail. */
const BEAT_MILLISECONDS = 100;

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
    this.payload = memory.heap.allocate(MAILBOX_BYTES, MAILBOX);
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
      value = mailValue(this.memory, code, mail);
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

/** This thread's mailboxes that have tasks under way. */
export function busyMailboxes(): Mailbox[] {
  const found: Mailbox[] = [];
  for (const memory of [localMemory(), usesSystemMemory()]) {
    const mailbox = memory === undefined ? null : mine[memory.kind];
    if (mailbox !== null && mailbox.pending > 0) found.push(mailbox);
  }
  return found;
}
