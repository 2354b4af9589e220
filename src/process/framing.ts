/**
 * How messages stand in a stream of bytes, as in CPython's `Connection`: the length as a signed 32-bit number, then the
 * bytes. A message of more than 2^31-1 bytes has -1 there, and its length as an unsigned 64-bit number after that.
 * Numbers have their highest byte first.
 */

import { constants } from 'node:buffer';
import { OSError } from '../errors.ts';

const LONGEST_SHORT = 0x7fff_ffff;
const SHORT_HEADER = 4;
const LONG_HEADER = 12;
/** A message up to here is sent together with its header, so that both go in one packet. */
const JOINED = 16 * 1024;

const NOTHING = Buffer.alloc(0);

/** A message that is being sent. */
export class Frame {
  readonly #head: Buffer;
  readonly #body: Uint8Array;
  /** How many bytes are gone. */
  sent = 0;

  constructor(message: Uint8Array) {
    const { length } = message;
    if (length > JOINED) {
      this.#head = frameHeader(length);
      this.#body = message;
      return;
    }
    const joined = Buffer.allocUnsafe(SHORT_HEADER + length);
    joined.writeInt32BE(length);
    joined.set(message, SHORT_HEADER);
    this.#head = joined;
    this.#body = NOTHING;
  }

  get done(): boolean {
    return this.sent === this.#head.length + this.#body.length;
  }

  /** The next bytes, and whether more follow them. */
  rest(): { bytes: Uint8Array; more: boolean } {
    const { sent } = this;
    const head = this.#head;
    const body = this.#body;
    if (sent < head.length) return { bytes: sent === 0 ? head : head.subarray(sent), more: body.length > 0 };
    return { bytes: body.subarray(sent - head.length), more: false };
  }
}

/** What stands before a message of `length` bytes. */
export function frameHeader(length: number): Buffer {
  if (length <= LONGEST_SHORT) {
    const header = Buffer.allocUnsafe(SHORT_HEADER);
    header.writeInt32BE(length);
    return header;
  }
  const header = Buffer.allocUnsafe(LONG_HEADER);
  header.writeInt32BE(-1);
  header.writeBigUInt64BE(BigInt(length), SHORT_HEADER);
  return header;
}

const FIRST_CAPACITY = 16 * 1024;
/** There is always room for so much, so that a header is never received in pieces for want of it. */
const LEAST_ROOM = 1024;
/** As much memory a header may ask for by itself; the rest of it is taken as the bytes arrive. */
const TRUSTED = 1024 * 1024;
/** A message from here on takes the memory that it arrived in along, instead of being copied out of it. */
const GIVEN_AWAY = 64 * 1024;

/** The bytes that have arrived, and the messages in them. */
export class FrameBuffer {
  #bytes: Buffer = NOTHING;
  #start = 0;
  #end = 0;
  /** Nothing comes any more. */
  ended = false;

  /** How many bytes have arrived that nobody has taken. */
  get size(): number {
    return this.#end - this.#start;
  }

  /**
   * The length of the first message; undefined as long as its header is not all there.
   * @throws OSError it is no length, or one that no buffer can have: nothing further can be read.
   */
  length(): number | undefined {
    if (this.size < SHORT_HEADER) return undefined;
    const short = this.#bytes.readInt32BE(this.#start);
    if (short >= 0) return short;
    if (short !== -1) throw new OSError(`bad message length: ${short}; the peer does not speak this protocol`);
    if (this.size < LONG_HEADER) return undefined;
    const long = this.#bytes.readBigUInt64BE(this.#start + SHORT_HEADER);
    if (long > constants.MAX_LENGTH - LONG_HEADER) {
      throw new OSError(`bad message length: ${long} bytes; a Buffer holds ${constants.MAX_LENGTH} at most`);
    }
    return Number(long);
  }

  /** Whether the first message is all there. */
  get complete(): boolean {
    const length = this.length();
    return length !== undefined && this.size >= this.#headerBytes() + length;
  }

  /** Takes the first message; undefined as long as it is not all there. */
  take(): Buffer | undefined {
    if (!this.complete) return undefined;
    const from = this.#start + this.#headerBytes();
    const to = from + (this.length() as number);
    this.#start = to;
    if (to - from < GIVEN_AWAY) return Buffer.from(this.#bytes.subarray(from, to));
    const message = this.#bytes.subarray(from, to);
    const rest = this.#bytes.subarray(to, this.#end);
    this.#bytes = rest.length === 0 ? NOTHING : Buffer.allocUnsafeSlow(Math.max(FIRST_CAPACITY, rest.length));
    this.#bytes.set(rest);
    this.#start = 0;
    this.#end = rest.length;
    return message;
  }

  /** Where the next bytes may be put; {@link added} says how many that were. */
  room(): Buffer {
    if (this.#start === this.#end) this.#start = this.#end = 0;
    const { size } = this;
    const wanted = this.#headerBytes() + (this.length() ?? 0);
    // A long message is received into memory of the right size at once, within the bounds of trust.
    const most = size < wanted ? Math.min(wanted, Math.max(TRUSTED, size * 2)) : 0;
    const capacity = Math.max(FIRST_CAPACITY, most, size + LEAST_ROOM);
    if (this.#bytes.length - this.#end >= Math.max(LEAST_ROOM, Math.min(capacity - size, FIRST_CAPACITY / 2))) {
      return this.#bytes.subarray(this.#end);
    }
    if (capacity > this.#bytes.length) {
      const bytes = Buffer.allocUnsafeSlow(capacity);
      bytes.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = bytes;
    } else {
      this.#bytes.copyWithin(0, this.#start, this.#end);
    }
    this.#start = 0;
    this.#end = size;
    return this.#bytes.subarray(size);
  }

  /** So many bytes were put into the {@link room}. */
  added(count: number): void {
    this.#end += count;
  }

  /** Adds bytes that were received elsewhere. */
  add(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const room = this.room();
      const part = bytes.subarray(done, done + room.length);
      room.set(part);
      this.added(part.length);
      done += part.length;
    }
  }

  #headerBytes(): number {
    return this.size >= SHORT_HEADER && this.#bytes.readInt32BE(this.#start) === -1 ? LONG_HEADER : SHORT_HEADER;
  }
}
