import { SharedObject } from '../memory/handle.ts';
import { localMemory } from '../memory/local-memory.ts';
import type { Memory } from '../memory/memory.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { dumps, joinAttachments, loads, type Pickled } from '../pickle/pickle.ts';
import type { Scope } from '../pickle/reducer.ts';

/**
 * A pickled value on its way, with the payloads that it mentions: they are counted up for as long as the message
 * exists, so that what it mentions lives on when the sender has gone.
 */
export interface Message {
  /** The pickled value; null for a small integer, which travels as a single word. */
  bytes: Uint8Array | null;
  /** The small integer. */
  integer: number;
  /** Payloads of the local block as they are, those of the system block negated. */
  references: readonly number[];
  /** Large pieces of bytes, which need not be copied into the others. */
  attachments: readonly Uint8Array<ArrayBuffer>[];
}

const NONE: readonly never[] = [];

/**
 * Pickles a value and counts up what it mentions. The bytes are only good until the next value is pickled, the
 * attachments as long as nobody changes the value: see {@link keepMessage}.
 * @throws PicklingError something in it cannot be sent; nothing was counted.
 */
export function encodeMessage(value: unknown, scope: Scope, root: string): Message {
  if (typeof value === 'number' && (value | 0) === value && !Object.is(value, -0)) return integerMessage(value);
  return messageOf(dumps(value, { scope, root, attach: true }));
}

/** The message of a value that is pickled already; counts up what it mentions. */
export function messageOf({ bytes, references, attachments }: Pickled): Message {
  return {
    bytes,
    integer: 0,
    references: references.length === 0 ? NONE : retain(references),
    attachments: attachments as Uint8Array<ArrayBuffer>[],
  };
}

/** The message of a small integer. */
export function integerMessage(integer: number): Message {
  return { bytes: null, integer, references: NONE, attachments: NONE };
}

/** A message that is bytes as they are. */
export function bytesMessage(bytes: Uint8Array): Message {
  return { bytes, integer: 0, references: NONE, attachments: NONE };
}

/** Makes a message that has to wait independent of the memory that it was made from. */
export function keepMessage(message: Message): void {
  if (message.bytes !== null) message.bytes = copyOf(message.bytes);
  if (message.attachments.length > 0) message.attachments = message.attachments.map(copyOf);
}

/** That of a Buffer must be said so: its own `slice` gives a view. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.prototype.slice.call(bytes) as Uint8Array<ArrayBuffer>;
}

/** Makes the value of a message that is still under way. */
export function messageValue({ bytes, integer, attachments }: Message): unknown {
  return bytes === null ? integer : loads(bytes, attachments);
}

/** Makes the value and lets go of what the message mentions: this thread's objects hold that now. */
export function decodeMessage(message: Message): unknown {
  if (message.bytes === null) return message.integer;
  if (message.references.length === 0) return loads(message.bytes, message.attachments);
  try {
    return loads(message.bytes, message.attachments);
  } finally {
    discardMessage(message);
  }
}

/** The pickled value as bytes alone. */
export function messageBytes({ bytes, integer, attachments }: Message): Buffer {
  if (bytes === null) return Buffer.from(dumps(integer, { scope: 'thread' }).bytes);
  if (attachments.length > 0) return joinAttachments(bytes, attachments);
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Lets go of what a message mentions that nobody will read. */
export function discardMessage(message: Message): void {
  message.references.forEach(releaseReference);
}

/** Counts a mentioned payload down, as its message counted it up. */
export function releaseReference(reference: number): void {
  memoryOf(reference).holdings.release(Math.abs(reference));
}

function retain(references: readonly object[]): number[] {
  const retained: number[] = [];
  for (const reference of references) {
    if (!(reference instanceof SharedObject)) continue;
    const { memory, payload } = reference.place;
    memory.holdings.retain(payload);
    retained.push(memory.kind === 'local' ? payload : -payload);
  }
  return retained;
}

function memoryOf(reference: number): Memory {
  return reference > 0 ? localMemory() : systemMemory();
}
