/**
 * One message in a payload of its own: what a thread or process finds to do at its start, a message that is too large
 * for a log, an item that others may overtake.
 *
 * ```
 * +0 LENGTH of the bytes  +1 how many REFERENCES  +2 how many ATTACHMENTS  +3 free
 * +4.. references, lengths of the attachments; then from a multiple of 16 bytes on each, the bytes and the attachments
 * ```
 */

import { MemoryError } from '../errors.ts';
import { MESSAGE, onDestroy } from '../memory/kinds.ts';
import type { Memory } from '../memory/memory.ts';
import { importModules } from '../pickle/index.ts';
import type { Scope } from '../pickle/reducer.ts';
import { copyIn, copyOut } from './copy-bytes.ts';
import { discardMessage, encodeMessage, type Message, messageValue, releaseReference } from './message.ts';

const LENGTH = 0;
const REFERENCES = 1;
const ATTACHMENTS = 2;
const CONTENT = 4;
/** A parcel of so many words is held by who writes or reads it: it must not be lost with a thread that is killed. */
const LARGE = 4096;
/** Lengths are kept in signed words. */
const LONGEST = 0x7fff_ffff;

onDestroy(MESSAGE, (memory, payload) => {
  referencesOf(memory, payload).forEach(releaseReference);
});

/**
 * Pickles a value and lays it down; the payload is counted up once, for the receiver.
 * @throws PicklingError something in it cannot be sent. @throws MemoryError the memory is full. Nothing was laid down.
 */
export function packParcel(memory: Memory, value: unknown, scope: Scope, root: string): number {
  return layMessage(memory, encodeMessage(value, scope, root));
}

/** Lays a message down in a payload of its own. @throws MemoryError what the message mentions was let go of. */
export function layMessage(memory: Memory, message: Message): number {
  try {
    const parcel = layParcel(memory, message);
    memory.holdings.retain(parcel);
    return parcel;
  } catch (error) {
    discardMessage(message);
    throw error;
  }
}

/** Makes the value of a parcel, which stays where it is. */
export function parcelValue(memory: Memory, parcel: number): unknown {
  return messageValue(readParcel(memory, parcel));
}

/** The same, with the modules that it names imported. */
export async function importParcelValue(memory: Memory, parcel: number): Promise<unknown> {
  const message = readParcel(memory, parcel);
  await importModules(message.bytes as Uint8Array);
  return messageValue(message);
}

/** Makes the value of a parcel, with the modules that it names imported, and lets go of the parcel. */
export async function unpackParcel<T>(memory: Memory, parcel: number): Promise<T> {
  try {
    return (await importParcelValue(memory, parcel)) as T;
  } finally {
    memory.holdings.release(parcel);
  }
}

/** How many words a message takes as a parcel. */
export function parcelWords({ bytes, references, attachments }: Message): number {
  let words = aligned(CONTENT + references.length + attachments.length) + wordsOf(bytes?.length ?? 0);
  for (const { length } of attachments) words += wordsOf(length);
  return words;
}

/**
 * Lays a message down in a payload that nobody else knows yet: it is {@link sendParcel sent} or {@link dropParcel
 * dropped} next. @throws MemoryError
 */
export function layParcel(memory: Memory, message: Message): number {
  const { references, attachments } = message;
  const bytes = message.bytes ?? new Uint8Array();
  const longest = attachments.reduce((most, { length }) => Math.max(most, length), bytes.length);
  if (longest > LONGEST) throw new MemoryError(`a message of ${longest} bytes: it can have ${LONGEST} at most`);
  const parcel = memory.heap.allocate(parcelWords(message) * 4, MESSAGE, false);
  const w = memory.i32;
  w[parcel + REFERENCES] = 0;
  if (isLarge(memory, parcel)) memory.holdings.hold(parcel);
  w[parcel + LENGTH] = bytes.length;
  w[parcel + ATTACHMENTS] = attachments.length;
  let at = parcel + CONTENT;
  for (const reference of references) w[at++] = reference;
  w[parcel + REFERENCES] = references.length;
  for (const { length } of attachments) w[at++] = length;
  at = parcel + aligned(at - parcel);
  for (const piece of [bytes, ...attachments]) {
    copyIn(piece, memory.u8, at * 4);
    at += wordsOf(piece.length);
  }
  return parcel;
}

/** Gives up a parcel that was not sent. What its message mentions is still the sender's to let go of. */
export function dropParcel(memory: Memory, parcel: number): void {
  memory.i32[parcel + REFERENCES] = 0;
  memory.holdings.retain(parcel);
  memory.holdings.letGo(parcel);
  memory.holdings.release(parcel);
}

/** To be called before a parcel is made known to others, who may take it at once. */
export function sendParcel(memory: Memory, parcel: number): void {
  memory.holdings.retain(parcel);
}

/** To be called when others know the parcel: it is no longer the sender's. */
export function parcelSent(memory: Memory, parcel: number): void {
  memory.holdings.letGo(parcel);
}

/** To be called before a parcel is taken from where others could take it. */
export function fetchParcel(memory: Memory, parcel: number): void {
  if (isLarge(memory, parcel)) memory.holdings.hold(parcel);
}

/** Reads a message (`whole`: with its attachments); it stays where it is until the parcel is released. */
export function readParcel(memory: Memory, parcel: number, whole = true): Message {
  const w = memory.i32;
  const references = referencesOf(memory, parcel);
  const lengths = parcel + CONTENT + references.length;
  const count = w[parcel + ATTACHMENTS];
  let at = parcel + aligned(lengths + count - parcel);
  const next = (length: number, alone: boolean): Buffer<ArrayBuffer> => {
    const piece = alone ? Buffer.allocUnsafeSlow(length) : Buffer.allocUnsafe(length);
    copyOut(memory.u8, at * 4, piece);
    at += wordsOf(length);
    return piece;
  };
  const bytes = next(w[parcel + LENGTH], false);
  if (!whole) return { bytes, integer: 0, references, attachments: [] };
  const attachments: Buffer<ArrayBuffer>[] = [];
  for (let i = 0; i < count; i++) attachments.push(next(w[lengths + i], true));
  return { bytes, integer: 0, references, attachments };
}

/** Takes the message out of a parcel that was fetched, and lets go of that. */
export function openParcel(memory: Memory, parcel: number): Message {
  const message = readParcel(memory, parcel);
  // What it mentions is the reader's from now on.
  memory.i32[parcel + REFERENCES] = 0;
  memory.holdings.letGo(parcel);
  memory.holdings.release(parcel);
  return message;
}

function isLarge(memory: Memory, parcel: number): boolean {
  return memory.heap.capacity(parcel) >= LARGE * 4;
}

function referencesOf(memory: Memory, parcel: number): number[] {
  const w = memory.i32;
  return [...w.subarray(parcel + CONTENT, parcel + CONTENT + w[parcel + REFERENCES])];
}

function aligned(words: number): number {
  return (words + 3) & ~3;
}

function wordsOf(bytes: number): number {
  return aligned((bytes + 3) >>> 2);
}
