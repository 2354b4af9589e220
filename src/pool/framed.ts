/**
 * A pickled value behind a few words that are not pickled: one message. A short value follows the words; a long one, or
 * one with attachments, is an attachment itself, so that it need not be copied.
 */

import { loads } from '../pickle/index.ts';
import type { Message } from '../queue/message.ts';

const SHORTEST_ATTACHMENT = 4000;

/** Makes the messages of one kind. What it gives is good until the next one is made. */
export class Frame {
  /** The words, for whoever knows what they mean. */
  readonly head: Buffer;
  readonly #headBytes: number;
  readonly #whole: Buffer;

  constructor(headBytes: number) {
    this.#headBytes = headBytes;
    this.#whole = Buffer.alloc(headBytes + SHORTEST_ATTACHMENT);
    this.head = this.#whole.subarray(0, headBytes);
  }

  /** The words and a value; its references are those of `message`. */
  around(message: Message): Message {
    const bytes = message.bytes as Uint8Array<ArrayBuffer>;
    const { references, attachments } = message;
    if (attachments.length > 0 || bytes.length > SHORTEST_ATTACHMENT) {
      return { bytes: this.head, integer: 0, references, attachments: [bytes, ...attachments] };
    }
    const whole = this.#whole;
    const at = this.#headBytes;
    if (bytes.length > 64) whole.set(bytes, at);
    else for (let i = 0; i < bytes.length; i++) whole[at + i] = bytes[i];
    return { bytes: whole.subarray(0, at + bytes.length), integer: 0, references, attachments };
  }
}

/** The pickled value of a message that begins with so many other bytes; empty if there is none. */
export function bytesAfter(headBytes: number, { bytes, attachments }: Message): Uint8Array {
  return attachments.length > 0 ? attachments[0] : (bytes as Uint8Array).subarray(headBytes);
}

/** Makes the value of a message that begins with so many other bytes. */
export function loadAfter(headBytes: number, message: Message): unknown {
  const { attachments } = message;
  return loads(bytesAfter(headBytes, message), attachments.length > 1 ? attachments.slice(1) : undefined);
}

/** A word at the beginning of a message. */
export function wordAt(bytes: Uint8Array, byte: number): number {
  return bytes[byte] | (bytes[byte + 1] << 8) | (bytes[byte + 2] << 16) | (bytes[byte + 3] << 24);
}
