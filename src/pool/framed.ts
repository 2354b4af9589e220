/**
 * A pickled value behind a few words that are not pickled: one message. A short value follows the words; a long one, or
 * one with attachments, is an attachment itself, so that it need not be copied.
 */

import { loads } from '../pickle/index.ts';
import type { Message } from '../queue/message.ts';

const SHORTEST_ATTACHMENT = 4000;
const LONGEST_VIEW = 256;

/** Makes the messages of one kind. What it gives is good until the next one is made. */
export class Frame {
  /** The words, for whoever knows what they mean. */
  readonly head: Buffer;
  readonly #headBytes: number;
  readonly #whole: Buffer;
  /** Views on short messages by their length: making one takes longer than all the rest. */
  readonly #views: (Buffer | undefined)[] = [];

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
    return { bytes: this.#view(at + bytes.length), integer: 0, references, attachments };
  }

  #view(length: number): Buffer {
    if (length > LONGEST_VIEW) return this.#whole.subarray(0, length);
    let view = this.#views[length];
    if (view === undefined) {
      view = this.#whole.subarray(0, length);
      this.#views[length] = view;
    }
    return view;
  }
}

/** Where the pickled value of a message begins that has so many other bytes before it. */
export function pickledPart(headBytes: number, { bytes, attachments }: Message): { bytes: Uint8Array; start: number } {
  return attachments.length > 0
    ? { bytes: attachments[0], start: 0 }
    : { bytes: bytes as Uint8Array, start: headBytes };
}

/** Makes the value of a message that begins with so many other bytes. */
export function loadAfter(headBytes: number, { bytes, attachments }: Message): unknown {
  if (attachments.length === 0) return loads(bytes as Uint8Array, undefined, headBytes);
  return loads(attachments[0], attachments.slice(1));
}

/** A word at the beginning of a message. */
export function wordAt(bytes: Uint8Array, byte: number): number {
  return bytes[byte] | (bytes[byte + 1] << 8) | (bytes[byte + 2] << 16) | (bytes[byte + 3] << 24);
}
