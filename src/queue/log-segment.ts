/**
 * What a log of messages (message-log.ts) is made of: segments, which hold records of messages one after the other. A
 * segment is filled to its end before the next one is begun, and given back when all of it has been read.
 *
 * ```
 * segment  +0 NEXT  +1 WORDS  +2.. records
 * record   +0 LENGTH  bytes of the message; -1: a small integer; -2: go on in the next segment; -3: a parcel
 *          +1 REFERENCES  how many words of them follow; or the small integer, or the parcel (parcel.ts) and its words
 *          +2.. references, then the bytes, rounded up to words
 * ```
 *
 * Who calls holds the lock of the log's end or of its start, and works beyond what is in force: a record that was written
 * does not exist before the log has counted it.
 */

import type { Memory } from '../memory/memory.ts';
import { copyIn, copyOut } from './copy-bytes.ts';
import { bytesMessage, integerMessage, type Message } from './message.ts';
import { fetchParcel, readParcel } from './parcel.ts';

export const NEXT = 0;
export const WORDS = 1;
export const FIRST_RECORD = 2;

const INTEGER = -1;
export const CONTINUED = -2;
export const PARCEL = -3;
const INTEGER_WORDS = 2;
export const PARCEL_WORDS = 3;

const FIRST_SEGMENT_WORDS = 512;
const SEGMENT_WORDS = 16384;
/** A message that needs more lies in a parcel. */
export const LONGEST_RECORD = 2048;

/** The first segment of a log, with room for a record of `words` words. */
export function firstSegment(memory: Memory, words: number): number {
  return newSegment(memory, Math.max(words + FIRST_RECORD + 1, FIRST_SEGMENT_WORDS));
}

/**
 * Goes on in another segment, from word `word` of this one: the one that was kept, which stands in the word `spare`, or
 * a new one.
 */
export function nextSegment(memory: Memory, spare: number, segment: number, word: number): number {
  const next = Atomics.exchange(memory.i32, spare, 0) || newSegment(memory, SEGMENT_WORDS);
  const w = memory.i32;
  w[segment + NEXT] = next;
  w[segment + word] = CONTINUED;
  return next;
}

function newSegment(memory: Memory, words: number): number {
  const segment = memory.heap.allocate(words * 4, 0, false);
  memory.i32[segment + WORDS] = words;
  return segment;
}

/** Keeps one segment for the writers; a queue in steady use allocates nothing. */
export function retireSegment(memory: Memory, spare: number, segment: number): void {
  const w = memory.i32;
  if (w[segment + WORDS] === SEGMENT_WORDS) {
    if (Atomics.compareExchange(w, spare, 0, segment) === 0) return;
  }
  memory.heap.free(segment);
}

/** The words of a record; more than {@link LONGEST_RECORD} if the message has to go into a parcel. */
export function recordWords({ bytes, references, attachments }: Message): number {
  if (bytes === null) return INTEGER_WORDS;
  if (attachments.length > 0) return Number.POSITIVE_INFINITY;
  return 2 + references.length + Math.ceil(bytes.length / 4);
}

/** Writes a message down that is short enough. */
export function writeRecord(memory: Memory, at: number, { bytes, integer, references }: Message): void {
  const w = memory.i32;
  if (bytes === null) {
    w[at] = INTEGER;
    w[at + 1] = integer;
    return;
  }
  w[at] = bytes.length;
  w[at + 1] = references.length;
  for (let i = 0; i < references.length; i++) w[at + 2 + i] = references[i];
  copyIn(bytes, memory.u8, (at + 2 + references.length) * 4);
}

/** Writes down which parcel a message lies in, and how many words that has. */
export function writeParcelRecord(memory: Memory, at: number, parcel: number, words: number): void {
  const w = memory.i32;
  w[at] = PARCEL;
  w[at + 1] = parcel;
  w[at + 2] = words;
}

/** The message of a record that is not in a parcel. */
export function readRecord(memory: Memory, at: number): Message {
  const w = memory.i32;
  const length = w[at];
  if (length === INTEGER) return integerMessage(w[at + 1]);
  const count = w[at + 1];
  // Up to 64 bytes the engine keeps the elements within the object.
  const bytes = length <= 64 ? new Uint8Array(length) : Buffer.allocUnsafe(length);
  copyOut(memory.u8, (at + 2 + count) * 4, bytes);
  const message = bytesMessage(bytes);
  if (count > 0) message.references = [...w.subarray(at + 2, at + 2 + count)];
  return message;
}

/**
 * Takes hold of the parcel that a message lies in. The message, without its attachments, is made only if it is to be
 * `seen`.
 */
export function fetchParcelRecord(memory: Memory, at: number, seen: boolean): Message {
  const parcel = memory.i32[at + 1];
  fetchParcel(memory, parcel);
  return seen ? readParcel(memory, parcel, false) : integerMessage(parcel);
}
