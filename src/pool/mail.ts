/**
 * Mail: what a worker, or whoever knows, tells the thread that has submitted a task. How it is written, and how it is put
 * into that thread's mailbox, whose thread takes it out (mailbox.ts).
 *
 * ```
 * mailbox  +0   message log (queue/message-log.ts)
 *          +24  READERS wait queue: its thread, when that waits
 *          +28  OWNER   party whose mailbox it is
 *          +29  SLABS   its slots (slots.ts)
 * ```
 *
 * Mail is about one use of one slot. It is an integer, `use << 21 | index << 3 | code`, or begins with the two words
 * `index << 3 | code` and `use`, and goes on with a pickled value (framed.ts), or with the parcel that has it.
 */

import type { Memory } from '../memory/memory.ts';
import { WAIT_QUEUE_WORDS, WaitQueue } from '../memory/wait-queue.ts';
import { bytesMessage, discardMessage, integerMessage, type Message } from '../queue/message.ts';
import { LOG_WORDS, MessageLog } from '../queue/message-log.ts';
import { parcelValue } from '../queue/parcel.ts';
import { loadAfter, wordAt } from './framed.ts';
import { slot } from './slots.ts';

export const READERS = LOG_WORDS;
export const OWNER = READERS + WAIT_QUEUE_WORDS;
export const SLABS = OWNER + 1;
export const MAILBOX_BYTES = (SLABS + 1) * 4;

/** The result is in the slot. */
export const PLAIN = 0;
/** The task has started. */
export const STARTED = 1;
/** The task was cancelled before it started, and is out of the queue. */
export const DROPPED = 2;
/** A result, pickled, as the rest of the mail or in a parcel that others read too. */
export const VALUE = 3;
export const VALUE_PARCEL = 4;
/** What the task has thrown. */
export const THROWN = 5;
export const THROWN_PARCEL = 6;
/** Words before a pickled value. */
export const MAIL_HEADER_BYTES = 12;

/** An index that fits into mail of one word. */
export const SHORT_INDEX = 0x3ffff;

/** Mail without a value. */
export function shortMail(memory: Memory, at: number, use: number, code: number): Message {
  const index = slot.index(memory, at);
  if (index <= SHORT_INDEX) return integerMessage((use << 21) | (index << 3) | code);
  const bytes = Buffer.alloc(MAIL_HEADER_BYTES);
  writeMailHeader(bytes, memory, at, use, code);
  return bytesMessage(bytes);
}

/** Begins longer mail. */
export function writeMailHeader(bytes: Buffer, memory: Memory, at: number, use: number, code: number, more = 0): void {
  bytes.writeInt32LE((slot.index(memory, at) << 3) | code, 0);
  bytes.writeInt32LE(use, 4);
  bytes.writeInt32LE(more, 8);
}

/** Makes the value that comes with longer mail, or in a parcel. */
export function mailValue(memory: Memory, code: number, mail: Message): unknown {
  if (code !== VALUE_PARCEL && code !== THROWN_PARCEL) return loadAfter(MAIL_HEADER_BYTES, mail);
  return parcelValue(memory, wordAt(mail.bytes as Uint8Array, 8));
}

interface Recipient {
  log: MessageLog;
  readers: WaitQueue;
}

const recipients = { local: new Map<number, Recipient>(), system: new Map<number, Recipient>() };

/** Puts mail into any thread's mailbox. @throws MemoryError there is no room for it; nothing was put. */
export function post(memory: Memory, mailbox: number, mail: Message): void {
  const known = recipients[memory.kind];
  let recipient = known.get(mailbox);
  if (recipient === undefined) {
    recipient = { log: new MessageLog(memory, mailbox), readers: new WaitQueue(memory, mailbox + READERS) };
    if (known.size > 100) known.clear();
    known.set(mailbox, recipient);
  }
  if (memory.parties.hasMovedOn(memory.i32[mailbox + OWNER])) {
    discardMessage(mail); // nobody is there to read it
    return;
  }
  recipient.log.put(mail);
  recipient.readers.wake(1);
}
