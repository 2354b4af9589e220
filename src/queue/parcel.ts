/**
 * One message in a payload of its own: what a thread or process finds to do at its start.
 *
 * ```
 * +0 LENGTH of the bytes  +1 how many REFERENCES  +2.. references, then the bytes
 * ```
 */

import { MESSAGE, onDestroy } from '../memory/kinds.ts';
import type { Memory } from '../memory/memory.ts';
import { importModules, loads } from '../pickle/index.ts';
import type { Scope } from '../pickle/reducer.ts';
import { discardMessage, encodeMessage, type Message, releaseReference } from './message.ts';

const LENGTH = 0;
const REFERENCES = 1;
const CONTENT = 2;

onDestroy(MESSAGE, (memory, payload) => {
  for (const reference of openParcel(memory, payload).references) releaseReference(reference);
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
    return layParcel(memory, message);
  } catch (error) {
    discardMessage(message);
    throw error;
  }
}

/** Makes the value of a parcel, with the modules that it names imported, and lets go of the parcel. */
export async function unpackParcel<T>(memory: Memory, payload: number): Promise<T> {
  try {
    const bytes = openParcel(memory, payload).bytes as Uint8Array;
    await importModules(bytes);
    return loads(bytes) as T;
  } finally {
    memory.holdings.release(payload);
  }
}

function layParcel(memory: Memory, message: Message): number {
  const bytes = message.bytes ?? new Uint8Array();
  const payload = memory.heap.allocate((CONTENT + message.references.length) * 4 + bytes.length, MESSAGE);
  const w = memory.i32;
  w[payload + LENGTH] = bytes.length;
  w[payload + REFERENCES] = message.references.length;
  for (let i = 0; i < message.references.length; i++) w[payload + CONTENT + i] = message.references[i];
  memory.u8.set(bytes, (payload + CONTENT + message.references.length) * 4);
  memory.holdings.retain(payload);
  return payload;
}

/** Reads a parcel's message; it stays where it is until it is released. */
export function openParcel(memory: Memory, payload: number): Message {
  memory.reach(payload + CONTENT);
  memory.reach(payload + (memory.heap.capacity(payload) >>> 2));
  const w = memory.i32;
  const count = w[payload + REFERENCES];
  const from = (payload + CONTENT + count) * 4;
  return {
    bytes: memory.u8.slice(from, from + w[payload + LENGTH]),
    integer: 0,
    references: [...w.subarray(payload + CONTENT, payload + CONTENT + count)],
  };
}
