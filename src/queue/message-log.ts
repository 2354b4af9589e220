/**
 * A first-in first-out log of messages in shared memory, for any number of writers and readers of any process.
 *
 * ```
 * +0 PUT_LOCK   writers    +1 PUT_COUNT messages ever put    +2 +3 / +4 +5 the end: segment and word, twice
 * +6 GET_LOCK   readers    +7 GET_COUNT messages ever taken  +8 +9 / +10 +11 the start, twice
 * +12 SPARE     a segment that is not in use
 *
 * segment  +0 NEXT  +1 WORDS  +2.. records
 * record   +0 LENGTH  bytes of the message; -1: a small integer; -2: go on in the next segment
 *          +1 REFERENCES  how many words of them follow; of a small integer: its value
 *          +2.. references, then the bytes, rounded up to words
 * ```
 *
 * Two locks, as in Michael and Scott's two-lock queue (PODC 1996): a writer and a reader never wait for each other.
 *
 * Robustness: a party can be killed at any instruction. Everything that it changes lies beyond the end, or is the
 * copy of the position that is not in force: copy `COUNT & 1` is. Counting up is the one store that makes a record
 * exist, or be gone. So whoever takes a lock over from a dead party finds nothing to repair; a segment may leak.
 */

import type { Memory } from '../memory/memory.ts';
import { acquireSpinLock, releaseSpinLock } from '../memory/spin-lock.ts';
import { type Message, releaseReference } from './message.ts';

const PUT_LOCK = 0;
const PUT_COUNT = 1;
const END = 2;
const GET_LOCK = 6;
const GET_COUNT = 7;
const START = 8;
const SPARE = 12;
export const LOG_WORDS = 13;

const NEXT = 0;
const WORDS = 1;
const FIRST_RECORD = 2;

const INTEGER = -1;
const CONTINUED = -2;

const FIRST_SEGMENT_BYTES = 2048;
const SEGMENT_BYTES = 65536;

/** What became of a message that was to be put. */
export type PutResult = 'put' | 'full' | 'closed';

export class MessageLog {
  readonly #memory: Memory;
  readonly #base: number;

  constructor(memory: Memory, base: number) {
    this.#memory = memory;
    this.#base = base;
  }

  /** How many messages were ever put, modulo 2^32. */
  get putCount(): number {
    return Atomics.load(this.#memory.i32, this.#base + PUT_COUNT);
  }

  /** How many messages are in the log. */
  get length(): number {
    const w = this.#memory.i32;
    const taken = Atomics.load(w, this.#base + GET_COUNT);
    return (Atomics.load(w, this.#base + PUT_COUNT) - taken) | 0;
  }

  /**
   * Puts a message at the end, if the log has fewer than `limit` and `admit` agrees (asked with the end locked).
   * @throws MemoryError nothing was put.
   */
  put(message: Message, limit: number, admit: () => boolean): PutResult {
    const base = this.#base;
    acquireSpinLock(this.#memory, base + PUT_LOCK);
    try {
      if (!admit()) return 'closed';
      if (this.length >= limit) return 'full';
      const count = this.#memory.i32[base + PUT_COUNT];
      const position = base + END + (count & 1) * 2;
      const next = base + END + ((count + 1) & 1) * 2;
      const words = recordWords(message);
      let segment = this.#memory.i32[position];
      let word = this.#memory.i32[position + 1];
      if (segment === 0) {
        segment = this.#firstSegment(words);
        word = FIRST_RECORD;
      } else if (word + words > this.#segmentWords(segment)) {
        segment = this.#nextSegment(segment, word, words);
        word = FIRST_RECORD;
      }
      this.#write(segment + word, message);
      const w = this.#memory.i32;
      w[next] = segment;
      w[next + 1] = word + words;
      Atomics.store(w, base + PUT_COUNT, (count + 1) | 0);
      return 'put';
    } finally {
      releaseSpinLock(this.#memory, base + PUT_LOCK);
    }
  }

  /**
   * Takes the first message; null if there is none. `before` is called with it, just before it is gone, and may have it
   * stay by returning false.
   */
  take(before?: (message: Message) => boolean): Message | null {
    if (this.length === 0) return null;
    const base = this.#base;
    let drained = 0;
    let message: Message;
    acquireSpinLock(this.#memory, base + GET_LOCK);
    try {
      if (this.length === 0) return null;
      let w = this.#memory.i32;
      const count = w[base + GET_COUNT];
      const position = base + START + (count & 1) * 2;
      const next = base + START + ((count + 1) & 1) * 2;
      let segment = w[position];
      let word = w[position + 1];
      const segmentWords = this.#segmentWords(segment);
      w = this.#memory.i32;
      if (word === segmentWords || w[segment + word] === CONTINUED) {
        drained = segment;
        segment = w[segment + NEXT];
        word = FIRST_RECORD;
        this.#segmentWords(segment);
      }
      message = this.#read(segment + word);
      if (before?.(message) === false) return null;
      w = this.#memory.i32;
      w[next] = segment;
      w[next + 1] = word + recordWords(message);
      Atomics.store(w, base + GET_COUNT, (count + 1) | 0);
    } finally {
      releaseSpinLock(this.#memory, base + GET_LOCK);
    }
    if (drained !== 0) this.#retire(drained);
    return message;
  }

  /** Gives back everything: the messages, what they mention, and the segments. Nobody else has the log any more. */
  destroy(): void {
    for (let message = this.take(); message !== null; message = this.take())
      message.references.forEach(releaseReference);
    const w = this.#memory.i32;
    const last = w[this.#base + START + (w[this.#base + GET_COUNT] & 1) * 2];
    if (last !== 0) this.#memory.heap.free(last);
    const spare = w[this.#base + SPARE];
    if (spare !== 0) this.#memory.heap.free(spare);
  }

  #segmentWords(segment: number): number {
    this.#memory.reach(segment + FIRST_RECORD);
    const words = this.#memory.i32[segment + WORDS];
    this.#memory.reach(segment + words);
    return words;
  }

  #firstSegment(words: number): number {
    const segment = this.#newSegment(Math.max(words + FIRST_RECORD, FIRST_SEGMENT_BYTES / 4));
    // Nobody reads the start before the first message has been counted.
    const w = this.#memory.i32;
    w[this.#base + START] = segment;
    w[this.#base + START + 1] = FIRST_RECORD;
    return segment;
  }

  #nextSegment(segment: number, word: number, words: number): number {
    const needed = words + FIRST_RECORD;
    let next = Atomics.exchange(this.#memory.i32, this.#base + SPARE, 0);
    if (next !== 0 && this.#segmentWords(next) < needed) {
      this.#memory.heap.free(next);
      next = 0;
    }
    if (next === 0) next = this.#newSegment(Math.max(needed, SEGMENT_BYTES / 4));
    const w = this.#memory.i32;
    w[segment + NEXT] = next;
    if (word < w[segment + WORDS]) w[segment + word] = CONTINUED;
    return next;
  }

  #newSegment(words: number): number {
    const segment = this.#memory.heap.allocate(words * 4);
    this.#memory.i32[segment + WORDS] = words;
    return segment;
  }

  /** Keeps one ordinary segment for the writers; a queue in steady use allocates nothing. */
  #retire(segment: number): void {
    const w = this.#memory.i32;
    if (w[segment + WORDS] === SEGMENT_BYTES / 4) {
      if (Atomics.compareExchange(w, this.#base + SPARE, 0, segment) === 0) return;
    }
    this.#memory.heap.free(segment);
  }

  #write(at: number, { bytes, integer, references }: Message): void {
    const w = this.#memory.i32;
    if (bytes === null) {
      w[at] = INTEGER;
      w[at + 1] = integer;
      return;
    }
    w[at] = bytes.length;
    w[at + 1] = references.length;
    for (let i = 0; i < references.length; i++) w[at + 2 + i] = references[i];
    copyBytes(bytes, 0, this.#memory.u8, (at + 2 + references.length) * 4, bytes.length);
  }

  #read(at: number): Message {
    const w = this.#memory.i32;
    const length = w[at];
    if (length === INTEGER) return { bytes: null, integer: w[at + 1], references: [] };
    const count = w[at + 1];
    const references: number[] = [];
    for (let i = 0; i < count; i++) references.push(w[at + 2 + i]);
    const from = (at + 2 + count) * 4;
    const bytes = Buffer.allocUnsafe(length);
    copyBytes(this.#memory.u8, from, bytes, 0, length);
    return { bytes, integer: 0, references };
  }
}

/** Short messages are the rule, and for them a loop beats making a view. */
function copyBytes(source: Uint8Array, from: number, target: Uint8Array, to: number, length: number): void {
  if (length > 64) target.set(source.subarray(from, from + length), to);
  else for (let i = 0; i < length; i++) target[to + i] = source[from + i];
}

function recordWords(message: Message): number {
  if (message.bytes === null) return 2;
  return 2 + message.references.length + ((message.bytes.length + 3) >>> 2);
}
