/**
 * A first-in first-out log of messages in shared memory, for any number of writers and readers of any process.
 *
 * ```
 *  +0 PUT_LOCK  writers  +1 PUT_COUNT messages ever put    +2 the end: segment, word, words ever put; +5 the same again
 *  +8 SPARE     a segment that is not in use
 * +16 GET_LOCK  readers  +17 GET_COUNT messages ever taken  +18 the start: segment, word, words ever taken; +21 again
 * ```
 *
 * Two locks, as in Michael and Scott's two-lock queue (PODC 1996): a writer and a reader never wait for each other, and
 * what either of them writes is in cache lines of its own. The messages are records in a chain of segments
 * (log-segment.ts); what is too long for a segment lies in a parcel, which is filled and emptied without a lock.
 *
 * Robustness: a party can be killed at any instruction. Everything that it changes lies beyond the end, or is the
 * copy of the position that is not in force: copy `COUNT & 1` is. Counting up is the one store that makes a record
 * exist, or be gone. So whoever takes a lock over from a dead party finds nothing to repair; a segment may leak.
 */

import type { Memory } from '../memory/memory.ts';
import { acquireSpinLock, releaseSpinLock } from '../memory/spin-lock.ts';
import {
  CONTINUED,
  FIRST_RECORD,
  fetchParcelRecord,
  firstSegment,
  LONGEST_RECORD,
  NEXT,
  nextSegment,
  PARCEL,
  PARCEL_WORDS,
  readRecord,
  recordWords,
  retireSegment,
  WORDS,
  writeParcelRecord,
  writeRecord,
} from './log-segment.ts';
import { discardMessage, type Message } from './message.ts';
import { dropParcel, layParcel, openParcel, parcelSent, parcelWords, sendParcel } from './parcel.ts';
import { type Gate, OPEN, type PutResult, type Store } from './store.ts';

const PUT_LOCK = 0;
const PUT_COUNT = 1;
const END = 2;
const SPARE = 8;
const GET_LOCK = 16;
const GET_COUNT = 17;
const START = 18;
export const LOG_WORDS = 24;

/** A position has three words: its segment, and these. */
const WORD = 1;
const TOTAL = 2;
const POSITION_WORDS = 3;

export class MessageLog implements Store {
  readonly comparesValues = false;
  readonly #memory: Memory;
  readonly #base: number;
  readonly #gate: Gate;
  /** GET_COUNT after this thread's last read, and how many messages it knows beyond: while it alone reads, it need not look. */
  #read = 0;
  #beyond = 0;

  constructor(memory: Memory, base: number, gate: Gate = OPEN) {
    this.#memory = memory;
    this.#base = base;
    this.#gate = gate;
  }

  get putCount(): number {
    return Atomics.load(this.#memory.i32, this.#base + PUT_COUNT);
  }

  get length(): number {
    const w = this.#memory.i32;
    const taken = Atomics.load(w, this.#base + GET_COUNT);
    return (Atomics.load(w, this.#base + PUT_COUNT) - taken) | 0;
  }

  get words(): number {
    const taken = this.#total(GET_COUNT, START);
    return (this.#total(PUT_COUNT, END) - taken) | 0;
  }

  put(message: Message): PutResult {
    const words = recordWords(message);
    if (words > LONGEST_RECORD) return this.#putParcel(message);
    const memory = this.#memory;
    const lock = this.#base + PUT_LOCK;
    acquireSpinLock(memory, lock);
    try {
      const verdict = this.#gate.admits(this, words);
      if (verdict === 'put') {
        const at = this.#room(words);
        writeRecord(memory, at, message);
        this.#commitPut(words, words);
      }
      return verdict;
    } finally {
      releaseSpinLock(memory, lock);
    }
  }

  /**
   * `before` is called with the message (of one in a parcel: without its attachments) just before it is gone, and may
   * have it stay by returning false.
   */
  take(before?: (message: Message) => boolean): Message | null {
    if (this.#beyond === 0 && this.length === 0) return null;
    const memory = this.#memory;
    const base = this.#base;
    let drained = 0;
    let parcel = 0;
    let message: Message;
    acquireSpinLock(memory, base + GET_LOCK);
    try {
      const count = memory.i32[base + GET_COUNT];
      if (this.#beyond === 0 || count !== this.#read) {
        this.#beyond = this.length;
        if (this.#beyond === 0) return null;
      }
      const position = base + START + (count & 1) * POSITION_WORDS;
      let segment = memory.i32[position];
      let word = memory.i32[position + WORD];
      if (memory.i32[segment + word] === CONTINUED) {
        drained = segment;
        segment = memory.i32[segment + NEXT];
        word = FIRST_RECORD;
      }
      const w = memory.i32;
      const at = segment + word;
      let words = PARCEL_WORDS;
      let total = w[at + 2];
      if (w[at] === PARCEL) {
        parcel = w[at + 1];
        message = fetchParcelRecord(memory, at, before !== undefined);
      } else {
        message = readRecord(memory, at);
        words = recordWords(message);
        total = words;
      }
      if (before?.(message) === false) {
        if (parcel !== 0) memory.holdings.letGo(parcel);
        return null;
      }
      this.#commitTake(count, segment, word + words, total);
    } finally {
      releaseSpinLock(memory, base + GET_LOCK);
    }
    if (drained !== 0) retireSegment(memory, base + SPARE, drained);
    return parcel === 0 ? message : openParcel(memory, parcel);
  }

  drop(): boolean {
    const message = this.take();
    if (message !== null) discardMessage(message);
    return message !== null;
  }

  destroy(): void {
    while (this.drop());
    const w = this.#memory.i32;
    const last = w[this.#base + START + (w[this.#base + GET_COUNT] & 1) * POSITION_WORDS];
    if (last !== 0) this.#memory.heap.free(last);
    const spare = w[this.#base + SPARE];
    if (spare !== 0) this.#memory.heap.free(spare);
  }

  /** The parcel is filled before the lock is taken: it may be hundreds of megabytes. */
  #putParcel(message: Message): PutResult {
    const memory = this.#memory;
    const total = parcelWords(message);
    const early = this.#gate.admits(this, total);
    if (early !== 'put') return early;
    const parcel = layParcel(memory, message);
    let verdict: PutResult = 'full';
    const lock = this.#base + PUT_LOCK;
    acquireSpinLock(memory, lock);
    try {
      verdict = this.#gate.admits(this, total);
      if (verdict === 'put') {
        const at = this.#room(PARCEL_WORDS);
        writeParcelRecord(memory, at, parcel, total);
        sendParcel(memory, parcel);
        this.#commitPut(PARCEL_WORDS, total);
      }
    } catch (error) {
      verdict = 'full';
      throw error;
    } finally {
      releaseSpinLock(memory, lock);
      if (verdict === 'put') parcelSent(memory, parcel);
      else dropParcel(memory, parcel);
    }
    return verdict;
  }

  /** Where a record of `words` words goes; the position beyond it is prepared in the copy that is not in force. */
  #room(words: number): number {
    const memory = this.#memory;
    const base = this.#base;
    const count = memory.i32[base + PUT_COUNT];
    const position = base + END + (count & 1) * POSITION_WORDS;
    const next = base + END + ((count + 1) & 1) * POSITION_WORDS;
    let segment = memory.i32[position];
    let word = memory.i32[position + WORD];
    if (segment === 0) {
      segment = firstSegment(memory, words);
      word = FIRST_RECORD;
      // Nobody reads the start before the first message has been counted.
      memory.i32[base + START] = segment;
      memory.i32[base + START + WORD] = FIRST_RECORD;
    } else {
      // A word is left for the sign that the log goes on elsewhere.
      if (word + words + 1 > memory.i32[segment + WORDS]) {
        segment = nextSegment(memory, base + SPARE, segment, word);
        word = FIRST_RECORD;
      }
    }
    const w = memory.i32;
    w[next] = segment;
    w[next + WORD] = word;
    w[next + TOTAL] = w[position + TOTAL];
    return segment + word;
  }

  #commitPut(words: number, total: number): void {
    const w = this.#memory.i32;
    const count = (w[this.#base + PUT_COUNT] + 1) | 0;
    const next = this.#base + END + (count & 1) * POSITION_WORDS;
    w[next + WORD] += words;
    w[next + TOTAL] += total;
    Atomics.store(w, this.#base + PUT_COUNT, count);
  }

  #commitTake(count: number, segment: number, word: number, total: number): void {
    const w = this.#memory.i32;
    const position = this.#base + START + (count & 1) * POSITION_WORDS;
    const next = this.#base + START + ((count + 1) & 1) * POSITION_WORDS;
    w[next] = segment;
    w[next + WORD] = word;
    w[next + TOTAL] = w[position + TOTAL] + total;
    Atomics.store(w, this.#base + GET_COUNT, (count + 1) | 0);
    this.#read = (count + 1) | 0;
    this.#beyond--;
  }

  /** Words ever put or taken. The copy that is read is in force until somebody has counted up twice. */
  #total(counter: number, position: number): number {
    const w = this.#memory.i32;
    for (;;) {
      const count = Atomics.load(w, this.#base + counter);
      const total = Atomics.load(w, this.#base + position + (count & 1) * POSITION_WORDS + TOTAL);
      if (Atomics.load(w, this.#base + counter) === count) return total;
    }
  }
}
