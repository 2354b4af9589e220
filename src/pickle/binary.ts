/**
 * ArrayBuffers and the views on them.
 *
 * A view that covers its whole buffer is written as that buffer, so that several such views go on sharing it. A view on
 * a part is written as that part alone: a Buffer is often a few bytes of a large pool, which must not go along. When a
 * message turns out to hold two views on one buffer, it is written once more, with that buffer whole.
 */

import type { Decoding } from './decoding.ts';
import type { Encoding } from './encoding.ts';
import { refuse } from './refuse.ts';
import { ARRAY_BUFFER, BUFFER, VIEW } from './wire.ts';

const WHOLE = 0;
const PART = 1;
/** A part that goes beside the message. */
const ATTACHED_PART = 2;

/** After an ArrayBuffer's length: its bytes follow, or go beside the message, or it is resizable to so many more. */
const INLINE = 0;
const ATTACHED = 1;
const RESIZABLE = 2;

type View = NodeJS.TypedArray | DataView;
type ViewClass = new (buffer: ArrayBufferLike, offset?: number, length?: number) => View;

// biome-ignore lint/suspicious/noExplicitAny: absent from older engines
const { Float16Array } = globalThis as any;
const CLASSES: ViewClass[] = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
  Float16Array,
] as ViewClass[];
const codes = new Map<object, number>(CLASSES.filter(Boolean).map((cls, i) => [cls.prototype, i]));

/** Tells {@link withWholeBuffers} to write once more, with one more buffer whole. */
class SharedBufferFound {}

/** Calls `write`, and again from the start when two views on one buffer are met. */
export function withWholeBuffers(e: Encoding, write: () => void): void {
  const start = e.mark();
  for (;;) {
    try {
      write();
      return;
    } catch (error) {
      if (!(error instanceof SharedBufferFound)) throw error;
      e.rollBack(start);
      e.slicedBuffers = undefined;
      e.open.clear();
    }
  }
}

/** The code of a view's class, found through subclasses as well. */
function codeOf(view: object): number {
  for (let p = Object.getPrototypeOf(view); p !== null; p = Object.getPrototypeOf(p)) {
    const code = codes.get(p);
    if (code !== undefined) return code;
  }
  return 0;
}

export function writeArrayBuffer(e: Encoding, buffer: ArrayBuffer): void {
  if (isDetached(buffer)) refuse(e, buffer, 'is a detached ArrayBuffer', 'Send it before it is transferred.');
  if (buffer.resizable && e.scope === 'network') {
    refuse(e, buffer, 'is resizable, and what it may grow to is memory of the receiver', 'Send buffer.slice(0).');
  }
  if (e.slicedBuffers?.has(buffer)) shareWhole(e, buffer);
  e.byte(ARRAY_BUFFER);
  e.varint(buffer.byteLength);
  const bytes = new Uint8Array(buffer);
  const attachment = buffer.resizable ? -1 : e.attach(bytes);
  if (attachment >= 0) {
    e.varint(ATTACHED);
    e.varint(attachment);
    return;
  }
  e.varint(buffer.resizable ? buffer.maxByteLength + RESIZABLE : INLINE);
  e.raw(bytes);
}

function isDetached(buffer: ArrayBuffer): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

function shareWhole(e: Encoding, buffer: ArrayBufferLike): never {
  e.sharedBuffers ??= new Set();
  e.sharedBuffers.add(buffer);
  throw new SharedBufferFound();
}

export function writeView(e: Encoding, view: View): void {
  const { buffer, byteOffset, byteLength } = view;
  if (buffer instanceof SharedArrayBuffer) {
    refuseShared(e, view);
    return;
  }
  if (isDetached(buffer)) refuse(e, view, 'is a view on a detached ArrayBuffer', 'Send it before it is transferred.');
  const whole =
    (byteOffset === 0 && byteLength === buffer.byteLength) ||
    e.sharedBuffers?.has(buffer) === true ||
    e.isKnown(buffer);
  const isBuffer = Buffer.isBuffer(view);
  e.byte(isBuffer ? BUFFER : VIEW);
  if (!isBuffer) e.byte(codeOf(view));
  if (whole) {
    e.byte(WHOLE);
    e.varint(byteOffset);
    e.varint(byteLength);
    e.value(buffer);
    return;
  }
  if (!isBuffer) {
    if (e.slicedBuffers?.has(buffer)) shareWhole(e, buffer);
    e.slicedBuffers ??= new Set();
    e.slicedBuffers.add(buffer);
  }
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const attachment = e.attach(bytes);
  e.byte(attachment >= 0 ? ATTACHED_PART : PART);
  if (attachment >= 0) e.varint(attachment);
  else e.block(bytes);
}

export function refuseShared(e: Encoding, value: object): never {
  refuse(
    e,
    value,
    `${value instanceof SharedArrayBuffer ? 'is' : 'is a view on'} a SharedArrayBuffer, which cannot be carried as bytes`,
    'Use Array or RawArray of threadwork/multiprocessing: they are typed arrays over shared memory.',
  );
}

export function readArrayBuffer(d: Decoding): ArrayBuffer {
  const length = d.count();
  const form = d.varint();
  if (form < RESIZABLE) {
    const { buffer } = form === ATTACHED ? d.attachments[d.varint()] : d.copy(length);
    d.add(buffer);
    return buffer;
  }
  const buffer = new ArrayBuffer(length, { maxByteLength: form - RESIZABLE });
  new Uint8Array(buffer).set(d.copy(length));
  d.add(buffer);
  return buffer;
}

export function readView(d: Decoding, isBuffer: boolean): View {
  const slot = d.hold();
  const cls = isBuffer ? undefined : CLASSES[d.bytes[d.position++]];
  let buffer: ArrayBuffer;
  let offset = 0;
  let length: number;
  const form = d.bytes[d.position++];
  if (form === WHOLE) {
    offset = d.varint();
    length = d.varint();
    buffer = d.value() as ArrayBuffer;
    // Of a number, or of an array, a view would be made too: of any length.
    if (!(buffer instanceof ArrayBuffer)) throw new TypeError('A message holds a view on something that is no buffer.');
  } else if (form === ATTACHED_PART) {
    ({ buffer, length } = d.attachments[d.varint()]);
  } else {
    length = d.count();
    ({ buffer } = d.copy(length));
  }
  const width = (cls as { BYTES_PER_ELEMENT?: number } | undefined)?.BYTES_PER_ELEMENT ?? 1;
  const view = cls === undefined ? Buffer.from(buffer, offset, length) : new cls(buffer, offset, length / width);
  d.fill(slot, view);
  return view;
}
