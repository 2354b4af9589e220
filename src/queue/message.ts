import { SharedObject } from '../memory/handle.ts';
import { localMemory } from '../memory/local-memory.ts';
import type { Memory } from '../memory/memory.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { dumps, loads, type Pickled } from '../pickle/pickle.ts';
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
}

const NONE: readonly number[] = [];

/**
 * Pickles a value and counts up what it mentions. The bytes are only good until the next value is pickled.
 * @throws PicklingError something in it cannot be sent; nothing was counted.
 */
export function encodeMessage(value: unknown, scope: Scope, root: string): Message {
  if (typeof value === 'number' && (value | 0) === value && !Object.is(value, -0)) {
    return { bytes: null, integer: value, references: NONE };
  }
  return messageOf(dumps(value, { scope, root }));
}

/** The message of a value that is pickled already; counts up what it mentions. */
export function messageOf({ bytes, references }: Pickled): Message {
  return { bytes, integer: 0, references: references.length === 0 ? NONE : retain(references) };
}

/** Makes the value and lets go of what the message mentions: this thread's objects hold that now. */
export function decodeMessage(message: Message): unknown {
  if (message.bytes === null) return message.integer;
  try {
    return loads(message.bytes);
  } finally {
    discardMessage(message);
  }
}

/** Lets go of what a message mentions that nobody will read. */
export function discardMessage(message: Message): void {
  for (const reference of message.references) memoryOf(reference).holdings.release(Math.abs(reference));
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
