import { FLOAT64, INT16, INT32, LATIN1, STRING, UTF8, UTF16 } from './wire.ts';

const FIRST_SIZE = 16 * 1024;
/** A scratch buffer beyond this is not kept after its message. */
const KEPT_SIZE = 1024 * 1024;
/** Up to here a loop over the characters is faster than a call into the engine's native code. */
const SHORT_STRING = 48;
/** Messages shorter than this have one view each. */
const VIEWED = 256;

/** Methods of Buffer that its types leave out. */
interface NativeWrites {
  utf8Write(text: string, offset: number): number;
  ucs2Write(text: string, offset: number): number;
}

/** A growing buffer and the primitive values that are written to it. */
export class Writer {
  bytes = Buffer.allocUnsafeSlow(FIRST_SIZE);
  view = new DataView(this.bytes.buffer);
  position = 0;
  /** Views on short messages by their length, as long as the buffer stays: to make one takes longer than to write it. */
  readonly #views: (Uint8Array | undefined)[] = [];
  #viewed: Buffer | null = null;

  /** Makes room for `size` more bytes. Every method that writes calls it first. */
  reserve(size: number): void {
    if (this.position + size > this.bytes.length) this.#grow(size);
  }

  #grow(size: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.position + size + 64));
    bytes.set(this.bytes.subarray(0, this.position));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  /** Starts over; a large buffer is left to whoever holds a view on it. */
  rewind(): void {
    this.position = 0;
    if (this.bytes.length > KEPT_SIZE) {
      this.bytes = Buffer.allocUnsafeSlow(FIRST_SIZE);
      this.view = new DataView(this.bytes.buffer);
    }
  }

  /** What has been written, as a view. */
  written(): Uint8Array {
    const length = this.position;
    if (length >= VIEWED) return new Uint8Array(this.bytes.buffer, 0, length);
    if (this.#viewed !== this.bytes) {
      this.#viewed = this.bytes;
      this.#views.length = 0;
    }
    let view = this.#views[length];
    if (view === undefined) {
      view = new Uint8Array(this.bytes.buffer, 0, length);
      this.#views[length] = view;
    }
    return view;
  }

  byte(value: number): void {
    if (this.position + 1 > this.bytes.length) this.#grow(1);
    this.bytes[this.position++] = value;
  }

  varint(value: number): void {
    this.reserve(8);
    while (value >= 0x80) {
      this.bytes[this.position++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.bytes[this.position++] = value;
  }

  number(value: number): void {
    this.reserve(9);
    const bytes = this.bytes;
    const position = this.position;
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
      if (value >= -32 && value < 128) {
        bytes[position] = value;
        this.position = position + 1;
      } else if (value >= -32768 && value < 32768) {
        bytes[position] = INT16;
        bytes[position + 1] = value;
        bytes[position + 2] = value >> 8;
        this.position = position + 3;
      } else {
        bytes[position] = INT32;
        bytes[position + 1] = value;
        bytes[position + 2] = value >> 8;
        bytes[position + 3] = value >> 16;
        bytes[position + 4] = value >> 24;
        this.position = position + 5;
      }
    } else {
      bytes[position] = FLOAT64;
      this.view.setFloat64(position + 1, value, true);
      this.position = position + 9;
    }
  }

  string(value: string): void {
    const length = value.length;
    if (length > SHORT_STRING) {
      this.#longString(value);
      return;
    }
    this.reserve(2 + length);
    const bytes = this.bytes;
    let at = this.position;
    if (length < 32) {
      bytes[at++] = STRING | length;
    } else {
      bytes[at++] = LATIN1;
      bytes[at++] = length;
    }
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0xff) {
        this.#longString(value);
        return;
      }
      bytes[at++] = code;
    }
    this.position = at;
  }

  #longString(value: string): void {
    const length = value.length;
    this.reserve(10 + length * 3);
    const start = this.position;
    // The length goes before the text but is known only after it: a fixed-width varint keeps its place.
    const size = (this.bytes as unknown as NativeWrites).utf8Write(value, start + 6);
    if (size === length) {
      this.bytes[start] = LATIN1;
      this.#fixedVarint(start + 1, size);
      this.position = start + 6 + size;
    } else if (value.isWellFormed()) {
      this.bytes[start] = UTF8;
      this.#fixedVarint(start + 1, size);
      this.position = start + 6 + size;
    } else {
      // A lone surrogate has no UTF-8 form.
      this.bytes[start] = UTF16;
      this.#fixedVarint(start + 1, length * 2);
      (this.bytes as unknown as NativeWrites).ucs2Write(value, start + 6);
      this.position = start + 6 + length * 2;
    }
  }

  #fixedVarint(at: number, value: number): void {
    for (let i = 0; i < 4; i++) {
      this.bytes[at + i] = (value & 0x7f) | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.bytes[at + 4] = value;
  }

  /** Bytes with their length before them. */
  block(source: Uint8Array): void {
    this.varint(source.length);
    this.raw(source);
  }

  raw(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.position);
    this.position += source.length;
  }

  bigint(value: bigint): void {
    const negative = value < 0n;
    let hex = (negative ? -value : value).toString(16);
    if (hex.length % 2) hex = `0${hex}`;
    this.byte(negative ? 1 : 0);
    this.block(Buffer.from(hex, 'hex'));
  }
}
