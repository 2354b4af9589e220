/**
 * A task as a message: what it is about in seven words, then its arguments, pickled as an array.
 *
 * ```
 * +0 SLOT  +1 MAILBOX  +2 USE of the slot
 * +3 FUNCTION  number of the function (sent-function.ts)   +4 PARCEL of it, among the message's references too
 * +5 MODE   0: one call with these arguments, 1: one call for each of these, 2: one call with each list of these
 * +6 LONG   parcel of the arguments, where they are long; 0: they follow
 * ```
 */

import type { Message } from '../queue/message.ts';

const SLOT = 0;
const MAILBOX = 1;
const USE = 2;
const FUNCTION = 3;
const PARCEL = 4;
const MODE = 5;
const LONG = 6;
export const TASK_HEADER_BYTES = 28;

/** One call with the arguments. */
export const CALL = 0;
/** One call for each. */
export const EACH = 1;
/** One call for each list of arguments. */
export const EACH_SPREAD = 2;

export type Mode = typeof CALL | typeof EACH | typeof EACH_SPREAD;

/** The seven words. */
export class TaskHeader {
  readonly #bytes: Buffer;

  constructor(message: Message) {
    this.#bytes = message.bytes as Buffer;
  }

  get slot(): number {
    return this.#bytes.readInt32LE(SLOT * 4);
  }

  get mailbox(): number {
    return this.#bytes.readInt32LE(MAILBOX * 4);
  }

  get use(): number {
    return this.#bytes.readInt32LE(USE * 4);
  }

  get function(): number {
    return this.#bytes.readInt32LE(FUNCTION * 4);
  }

  get parcel(): number {
    return this.#bytes.readInt32LE(PARCEL * 4);
  }

  get mode(): Mode {
    return this.#bytes.readInt32LE(MODE * 4) as Mode;
  }

  get long(): number {
    return this.#bytes.readInt32LE(LONG * 4);
  }

  /** The pickled arguments, if they are not {@link long}; empty if there are none. */
  get rest(): Buffer {
    return this.#bytes.subarray(TASK_HEADER_BYTES);
  }
}

/** Longer arguments get a parcel of their own. */
export const LONGEST = 16_000;

const scratch = Buffer.alloc(TASK_HEADER_BYTES + LONGEST);
const words = new Int32Array(scratch.buffer, scratch.byteOffset, TASK_HEADER_BYTES / 4);

/** What stands in a task's header. */
export interface TaskContent {
  slot: number;
  mailbox: number;
  use: number;
  function: number;
  parcel: number;
  mode: Mode;
  long: number;
}

/** The bytes of a task; good until the next one is made. */
export function taskBytes(content: TaskContent, rest: Uint8Array): Buffer {
  words[SLOT] = content.slot;
  words[MAILBOX] = content.mailbox;
  words[USE] = content.use;
  words[FUNCTION] = content.function;
  words[PARCEL] = content.parcel;
  words[MODE] = content.mode;
  words[LONG] = content.long;
  if (rest.length > 64) scratch.set(rest, TASK_HEADER_BYTES);
  else for (let i = 0; i < rest.length; i++) scratch[TASK_HEADER_BYTES + i] = rest[i];
  return scratch.subarray(0, TASK_HEADER_BYTES + rest.length);
}
