/** The bytes that calls of a connection are given and give: which part of a buffer, how many, and whether they fit. */

import { BufferTooShort, ValueError } from '../errors.ts';
import type { WaitAsyncOptions } from '../sync/async-wait.ts';
import { describe } from '../sync/timeout.ts';

/** Options of `recvBytesAsync`. */
export interface ReceiveBytesOptions extends WaitAsyncOptions {
  /** How many bytes the message may have. */
  maxlength?: number;
}

/** A view of what `buf` has from `offset` on: `size` bytes, or all. @throws TypeError, ValueError */
export function bytesOf(
  buf: ArrayBufferView | ArrayBufferLike,
  offset: number,
  size: number | null | undefined,
  method: string,
): Uint8Array {
  const who = `Connection.${method}`;
  let bytes: Uint8Array;
  if (ArrayBuffer.isView(buf)) bytes = new Uint8Array(buf.buffer, buf.byteOffset, buf.byteLength);
  else if (buf instanceof ArrayBuffer || buf instanceof SharedArrayBuffer) bytes = new Uint8Array(buf);
  else throw new TypeError(`${who}: needs bytes (a Uint8Array, a Buffer), not ${describe(buf)}`);
  checkInteger(offset, 'offset', who);
  if (offset < 0) throw new ValueError(`${who}: offset is negative: ${offset}`);
  if (offset > bytes.length) {
    throw new ValueError(`${who}: buffer length < offset: it has ${bytes.length} bytes, the offset is ${offset}`);
  }
  if (size === undefined || size === null) return bytes.subarray(offset);
  checkInteger(size, 'size', who);
  if (size < 0) throw new ValueError(`${who}: size is negative: ${size}`);
  if (offset + size > bytes.length) {
    throw new ValueError(`${who}: buffer length < offset + size: ${bytes.length} < ${offset} + ${size}`);
  }
  return bytes.subarray(offset, offset + size);
}

/** How many bytes a message may have. @throws TypeError, ValueError */
export function maxlengthOf(maxlength: number | null | undefined, method: string): number {
  if (maxlength === undefined || maxlength === null) return Number.POSITIVE_INFINITY;
  checkInteger(maxlength, 'maxlength', `Connection.${method}`);
  if (maxlength < 0) throw new ValueError(`Connection.${method}: negative maxlength: ${maxlength}`);
  return maxlength;
}

/** Puts a message into a buffer. Returns how many bytes it has. @throws BufferTooShort it has no room */
export function putInto(target: Uint8Array, bytes: Buffer): number {
  if (bytes.length > target.length) {
    const error = new BufferTooShort(
      `Connection.recvBytesInto: the message has ${bytes.length} bytes, the buffer room for ${target.length}; ` +
        "the message is in this error's bytes",
    );
    error.bytes = bytes;
    throw error;
  }
  target.set(bytes);
  return bytes.length;
}

function checkInteger(value: unknown, name: string, who: string): void {
  if (!Number.isInteger(value)) throw new TypeError(`${who}: ${name} must be an integer, not ${describe(value)}`);
}
