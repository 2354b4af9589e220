/**
 * What payloads are, for the one purpose of taking one down that mentions others: a queue that is given up with items
 * in it must let go of the locks and queues that those items mention. Any thread of any process may be the last
 * holder of any payload, so all kinds are listed here and not where their classes are.
 */

import type { Memory } from './memory.ts';
import { findInParts } from './parts.ts';

/** Nothing but its own words. */
export const PLAIN = 0;
/** A queue of messages (queue/message-log.ts). */
export const QUEUE = 1;
/** One pickled message with references (queue/parcel.ts). */
export const MESSAGE = 2;
/** Where the results of a thread's tasks come in (pool/mailbox.ts). */
export const MAILBOX = 10;
/** What the workers of a pool share (pool/crew.ts). */
export const CREW = 11;
/** What those hold who may give a pool something to do (pool/crew.ts). */
export const CREW_LEASE = 12;
/** The outcome of a future, for several threads (pool/future-cell.ts). */
export const CELL = 13;
/** A stack of messages (queue/message-stack.ts). */
export const STACK = 3;
/** A heap of messages (queue/message-heap.ts). */
export const HEAP = 4;
/** The two directions of a pipe (queue/pipe.ts). */
export const PIPE = 5;
/** One end of a pipe (queue/pipe.ts). */
export const PIPE_END = 6;

type Destroy = (memory: Memory, payload: number) => void;

const destroyers: (Destroy | undefined)[] = [];

/** Says how payloads of a kind let go of what they mention. */
export function onDestroy(kind: number, destroy: Destroy): void {
  destroyers[kind] = destroy;
}

export function destroyPayload(memory: Memory, payload: number, kind: number): void {
  if (kind !== PLAIN) findInParts(() => destroyers[kind])?.(memory, payload);
}
