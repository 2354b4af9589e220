/**
 * The bytes of a `ShareableList`, as CPython lays them out. N items; all numbers are little-endian 64-bit integers.
 *
 * ```
 *  8 bytes              N
 *  8 bytes × (N + 1)    where each item's slot begins in the data area; the last: where the area ends
 *  the data area        slots of a multiple of 8 bytes; they never move
 *  8 bytes × N          the `struct` format of each item, padded with zeros
 *  1 byte × N           how it is read: 0 as the format says, 1 as text, 2 as bytes, 3 None
 * ```
 *
 * An integer is `q`, a float `d`, a boolean `xxxxxxx?`, None `xxxxxx?x`; text and bytes are `16s` (the slot's length),
 * padded with zeros, which are not told from zeros of the text. Where CPython counts the characters of a text to size
 * its slot, and so cuts one with others than ASCII, the bytes of its UTF-8 are counted here; readers do not mind.
 */

import { ValueError } from '../errors.ts';
import { describe } from '../sync/timeout.ts';

/**
 * What a list can hold. Integers beyond those that a number holds exactly are read as `bigint`s, bytes as `Buffer`s;
 * `undefined` becomes `null`.
 */
export type Shareable = number | bigint | boolean | string | Uint8Array | null | undefined;

const WORD = 8;
const INTEGER = 'q';
const FLOAT = 'd';
const BOOLEAN = 'xxxxxxx?';
const NONE = 'xxxxxx?x';
/** `9999999s` is the longest format that fits. */
const LONGEST = 9_999_999;

const AS_IS = 0;
const AS_TEXT = 1;
const AS_BYTES = 2;
const AS_NONE = 3;

/** An item as it is stored. `bytes`: of text or bytes. */
interface Packed {
  format: string;
  reading: number;
  bytes: Uint8Array | null;
  value: Shareable;
}

/** A list in a block: items are read and written by their number, which is not checked here. */
export class ListLayout {
  readonly length: number;
  readonly #bytes: Buffer;
  /** Where each item's slot begins in the block, and the end of the last. */
  readonly #slots: number[];

  /** @throws ValueError the bytes are not those of a list. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.length = this.#header(0);
    const start = (this.length + 2) * WORD;
    this.#slots = [];
    for (let i = 0; i <= this.length; i++) this.#slots.push(start + this.#header(1 + i));
    if (this.#end + this.length * (WORD + 1) > bytes.length) this.#damaged();
  }

  /** How long a block has to be for a list of these items. @throws TypeError, ValueError one of them cannot be stored. */
  static size(items: readonly Shareable[]): number {
    const data = items.reduce((sum: number, item, i) => sum + slotSize(pack(item, '', i)), 0);
    return (2 + items.length) * WORD + data + items.length * (WORD + 1);
  }

  /** Lays the items down in a block that is all zero, as if they took the place of others with these formats. */
  static write(bytes: Uint8Array, items: readonly Shareable[], formats: readonly string[]): ListLayout {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    buffer.writeBigInt64LE(BigInt(items.length), 0);
    let offset = 0;
    for (const [i, item] of items.entries()) {
      offset += slotSize(pack(item, '', i));
      buffer.writeBigInt64LE(BigInt(offset), (2 + i) * WORD);
    }
    const layout = new ListLayout(bytes);
    for (const [i, item] of items.entries()) layout.write(i, item, formats[i]);
    return layout;
  }

  /** The `struct` format of an item. */
  format(i: number): string {
    const at = this.#end + i * WORD;
    return this.#bytes.toString('latin1', at, at + WORD).replace(/\0+$/, '');
  }

  /** @throws ValueError a text that is no UTF-8. */
  read(i: number): Shareable {
    const format = this.format(i);
    const at = this.#slots[i];
    switch (this.#bytes[this.#end + this.length * WORD + i]) {
      case AS_IS:
        if (format === INTEGER) return asInteger(this.#bytes.readBigInt64LE(at));
        if (format === FLOAT) return this.#bytes.readDoubleLE(at);
        if (format === BOOLEAN) return this.#bytes[at + 7] !== 0;
        break;
      case AS_TEXT:
        return decode(this.#stripped(at, format), i);
      case AS_BYTES:
        return Buffer.from(this.#stripped(at, format));
      case AS_NONE:
        return null;
    }
    return this.#damaged();
  }

  /** @throws TypeError, ValueError what cannot be stored, or not in this slot; nothing has changed. */
  write(i: number, item: Shareable, before = this.format(i)): void {
    const { format, reading, bytes, value } = pack(item, before, i);
    const at = this.#slots[i];
    const room = this.#slots[i + 1] - at;
    if (bytes !== null) {
      if (bytes.length > room) {
        throw new ValueError(
          `ShareableList: item ${i} has room for ${room} bytes, ${describe(item)} needs ${bytes.length}; ` +
            'slots keep the size that the first items have given them',
        );
      }
      this.#describe(i, `${room}s`, reading);
      this.#bytes.fill(0, at, at + room);
      this.#bytes.set(bytes, at);
      return;
    }
    this.#describe(i, format, reading);
    if (format === INTEGER) this.#bytes.writeBigInt64LE(BigInt(value as number), at);
    else if (format === FLOAT) this.#bytes.writeDoubleLE(value as number, at);
    else this.#bytes.fill(0, at, at + WORD);
    if (value === true) this.#bytes[at + 7] = 1;
  }

  /** Where the data area ends and the formats begin. */
  get #end(): number {
    return this.#slots[this.length];
  }

  #describe(i: number, format: string, reading: number): void {
    this.#bytes.write(format.padEnd(WORD, '\0'), this.#end + i * WORD, WORD, 'latin1');
    this.#bytes[this.#end + this.length * WORD + i] = reading;
  }

  #stripped(at: number, format: string): Buffer {
    let end = at + Number.parseInt(format, 10);
    while (end > at && this.#bytes[end - 1] === 0) end--;
    return this.#bytes.subarray(at, end);
  }

  /** A number of the header, which counts things within the block. */
  #header(word: number): number {
    const at = word * WORD;
    if (at + WORD > this.#bytes.length) this.#damaged();
    const value = this.#bytes.readBigInt64LE(at);
    if (value < 0 || value > this.#bytes.length) this.#damaged();
    return Number(value);
  }

  #damaged(): never {
    throw new ValueError('ShareableList: the block does not hold a list: its numbers point outside of it');
  }
}

function pack(item: Shareable, before: string, i: number): Packed {
  const packed = (format: string, reading = AS_IS, bytes: Uint8Array | null = null): Packed => {
    return { format, reading, bytes, value: item };
  };
  switch (typeof item) {
    case 'boolean':
      return packed(BOOLEAN);
    case 'undefined':
      return packed(NONE, AS_NONE);
    case 'bigint':
      if (BigInt.asIntN(64, item) === item) return packed(INTEGER);
      throw new ValueError(`ShareableList: item ${i}: ${item}n does not fit into the 64 bits of an integer`);
    case 'number':
      // A number does not say whether it is meant as a float: what has been one stays one.
      return packed(before !== FLOAT && Number.isSafeInteger(item) && !Object.is(item, -0) ? INTEGER : FLOAT);
    case 'string':
      return packed('s', AS_TEXT, checkLength(Buffer.from(item), i));
    case 'object':
      if (item === null) return packed(NONE, AS_NONE);
      if (item instanceof Uint8Array) return packed('s', AS_BYTES, checkLength(item, i));
  }
  throw new TypeError(
    `ShareableList: item ${i} must be a number, bigint, boolean, string, Uint8Array or null, not ${describe(item)}`,
  );
}

function checkLength(bytes: Uint8Array, i: number): Uint8Array {
  if (bytes.length < LONGEST - WORD) return bytes;
  throw new ValueError(`ShareableList: item ${i} has ${bytes.length} bytes; the layout allows for ten million`);
}

/** Text and bytes get at least one zero at the end. */
function slotSize({ bytes }: Packed): number {
  return bytes === null ? WORD : WORD * (Math.floor(bytes.length / WORD) + 1);
}

/** An integer as it is read. */
export function asInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array, i: number): string {
  try {
    return UTF8.decode(bytes);
  } catch (error) {
    throw new ValueError(
      `ShareableList: item ${i} is no UTF-8; CPython cuts texts with characters other than ASCII when it makes a list`,
      { cause: error },
    );
  }
}
