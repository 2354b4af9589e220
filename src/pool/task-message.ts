/**
 * A task as a message: what it is about in six words, then its arguments, pickled as an array (framed.ts).
 *
 * ```
 * +0 SLOT  +1 MAILBOX  +2 USE of the slot
 * +3 FUNCTION  number of the function (sent-function.ts)   +4 PARCEL of it, among the message's references too
 * +5 MODE   0: one call with these arguments, 1: one call for each of these, 2: one call with each list of these
 * ```
 */

import type { Message } from '../queue/message.ts';
import { Frame, wordAt } from './framed.ts';

const SLOT = 0;
const MAILBOX = 1;
const USE = 2;
const FUNCTION = 3;
const PARCEL = 4;
const MODE = 5;
export const TASK_HEADER_BYTES = 24;

/** One call with the arguments. */
export const CALL = 0;
/** One call for each. */
export const EACH = 1;
/** One call for each list of arguments. */
export const EACH_SPREAD = 2;

export type Mode = typeof CALL | typeof EACH | typeof EACH_SPREAD;

/** The six words. */
export class TaskHeader {
  readonly #bytes: Uint8Array;

  constructor(message: Message) {
    this.#bytes = message.bytes as Uint8Array;
  }

  get slot(): number {
    return wordAt(this.#bytes, SLOT * 4);
  }

  get mailbox(): number {
    return wordAt(this.#bytes, MAILBOX * 4);
  }

  get use(): number {
    return wordAt(this.#bytes, USE * 4);
  }

  get function(): number {
    return wordAt(this.#bytes, FUNCTION * 4);
  }

  get parcel(): number {
    return wordAt(this.#bytes, PARCEL * 4);
  }

  get mode(): Mode {
    return wordAt(this.#bytes, MODE * 4) as Mode;
  }
}

const frame = new Frame(TASK_HEADER_BYTES);
const words = new Int32Array(frame.head.buffer, frame.head.byteOffset, TASK_HEADER_BYTES / 4);

/** The message of a task; good until the next one is made. `args`: the message of its arguments. */
export function taskMessage(
  slot: number,
  mailbox: number,
  use: number,
  fn: number,
  parcel: number,
  mode: Mode,
  args: Message,
  references: readonly number[],
): Message {
  words[SLOT] = slot;
  words[MAILBOX] = mailbox;
  words[USE] = use;
  words[FUNCTION] = fn;
  words[PARCEL] = parcel;
  words[MODE] = mode;
  const message = frame.around(args);
  message.references = references;
  return message;
}
