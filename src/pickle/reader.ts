import { FLOAT64, INT16, INT32, LATIN1, STRING, UTF8, UTF16 } from './wire.ts';

const { latin1Slice, utf8Slice, ucs2Slice, hexSlice } = Buffer.prototype as unknown as Record<
  string,
  (this: Uint8Array, start: number, end: number) => string
>;

/** Names of properties repeat from message to message: a string is looked up by its bytes before it is made. */
const INTERNED = 1024;
const LONGEST_INTERNED = 24;
const interned: string[] = new Array(INTERNED).fill('');

/** A position in a message, and the primitive values that are read from it. */
export class Reader {
  position = 0;
  readonly bytes: Uint8Array;
  #view: DataView | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  varint(): number {
    const bytes = this.bytes;
    let byte = bytes[this.position++];
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 0x80;
    do {
      byte = bytes[this.position++];
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    } while (byte >= 0x80);
    return value;
  }

  /** How many values, or bytes, follow. */
  count(): number {
    return this.varint();
  }

  int16(): number {
    const bytes = this.bytes;
    const at = this.position;
    this.position = at + 2;
    return ((bytes[at] | (bytes[at + 1] << 8)) << 16) >> 16;
  }

  int32(): number {
    const bytes = this.bytes;
    const at = this.position;
    this.position = at + 4;
    return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  }

  float64(): number {
    this.#view ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    const value = this.#view.getFloat64(this.position, true);
    this.position += 8;
    return value;
  }

  /** A number with its tag, for what is known to be one. */
  number(): number {
    const tag = this.bytes[this.position++];
    if (tag < 0x80) return tag;
    if (tag >= 0xe0) return tag - 256;
    if (tag === INT16) return this.int16();
    if (tag === INT32) return this.int32();
    if (tag === FLOAT64) return this.float64();
    throw new RangeError(`no number at ${this.position - 1}`);
  }

  /** A string with its tag, for what is known to be one: a name. */
  string(): string {
    const tag = this.bytes[this.position++];
    if (tag >= STRING && tag < STRING + 32) return this.name(tag - STRING);
    if (tag === LATIN1) return this.latin1(this.count());
    if (tag === UTF8) return this.utf8(this.count());
    if (tag === UTF16) return this.utf16(this.count());
    throw new RangeError(`no string at ${this.position - 1}`);
  }

  /** A short string that is likely to have been seen before. */
  name(length: number): string {
    const bytes = this.bytes;
    const start = this.position;
    if (length > LONGEST_INTERNED || length === 0) return this.latin1(length);
    let hash = length;
    for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + bytes[start + i]) | 0;
    const slot = (hash ^ (hash >>> 10)) & (INTERNED - 1);
    const known = interned[slot];
    if (known.length === length) {
      let i = 0;
      while (i < length && known.charCodeAt(i) === bytes[start + i]) i++;
      if (i === length) {
        this.position = start + length;
        return known;
      }
    }
    const text = this.latin1(length);
    interned[slot] = text;
    return text;
  }

  latin1(length: number): string {
    const start = this.position;
    this.position = start + length;
    const bytes = this.bytes;
    if (length < 12) {
      let text = '';
      for (let i = start; i < start + length; i++) text += String.fromCharCode(bytes[i]);
      return text;
    }
    return latin1Slice.call(bytes, start, start + length);
  }

  utf8(length: number): string {
    const start = this.position;
    this.position = start + length;
    return utf8Slice.call(this.bytes, start, start + length);
  }

  utf16(length: number): string {
    const start = this.position;
    this.position = start + length;
    return ucs2Slice.call(this.bytes, start, start + length);
  }

  bigint(): bigint {
    const negative = this.bytes[this.position++] === 1;
    const length = this.count();
    const value = BigInt(`0x${hexSlice.call(this.bytes, this.position, this.position + length) || '0'}`);
    this.position += length;
    return negative ? -value : value;
  }

  /** A copy of the next `length` bytes: the message's own memory may be reused. */
  copy(length: number): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(length);
    copy.set(this.bytes.subarray(this.position, this.position + length));
    this.position += length;
    return copy;
  }
}
