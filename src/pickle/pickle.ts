/**
 * The pickler: any value as bytes for another thread or process, and back.
 *
 * @module
 */

import { PicklingError } from '../errors.ts';
import { withWholeBuffers } from './binary.ts';
import { Decoder } from './decoder.ts';
import { Encoder } from './encoder.ts';
import './library-errors.ts';
import { importModule } from './modules.ts';
import type { Scope } from './reducer.ts';
import { type Relocation, relocate } from './relocation.ts';
import { ATTACHMENTS, MODULES } from './wire.ts';
import { Writer } from './writer.ts';

/** A message, and what has to go with it. */
export interface Pickled {
  /**
   * A view on a buffer of this thread that the next `dumps` overwrites: copy it, or be done with it, before.
   */
  bytes: Uint8Array;
  /** Objects that must stay alive until the message has been read. */
  references: object[];
  /** Large pieces of bytes that go beside the message, if they may: views on the value's own memory. */
  attachments: Uint8Array[];
  /** The modules that the message names; see {@link importModules}. */
  modules: string[];
}

export interface DumpOptions {
  /** Who will read it. */
  scope: Scope;
  /** What the value is called in the paths of errors. */
  root?: string;
  /** Large pieces of bytes may go beside the message: its reader gives them to {@link loads}. */
  attach?: boolean;
  /** Where its reader has the files of this project. */
  relocation?: Relocation | null;
}

/** One encoder for each level of `dumps` within `dumps`: a reducer may pickle something of its own. */
const encoders: Encoder[] = [];
let level = 0;

/**
 * Writes a value as a message.
 *
 * @throws PicklingError for what cannot travel; it names the property path or the captured variable.
 */
export function dumps(
  value: unknown,
  { scope, root = 'value', attach = false, relocation = null }: DumpOptions,
): Pickled {
  if (typeof value === 'number') return dumpsNumber(value);
  if (typeof value === 'string') return dumpsString(value);
  if (level === encoders.length) encoders.push(new Encoder());
  const e = encoders[level++];
  try {
    e.begin(scope, value, root);
    e.mayAttach = attach;
    e.relocation = relocation;
    withWholeBuffers(e, () => e.message(value));
    const { references, attachments, modules } = e;
    if (modules.length > 0) prependModules(e, modules);
    return {
      bytes: e.written(),
      references: references.length > 0 ? references : NOTHING,
      attachments: attachments.length > 0 ? attachments : NOTHING,
      modules: modules.length > 0 ? modules : NOTHING,
    };
  } catch (error) {
    if (error instanceof RangeError && /call stack/.test(error.message)) {
      throw new PicklingError(`${root} cannot be sent: it is nested too deeply. Send a flat array instead.`);
    }
    throw error;
  } finally {
    level--;
    e.end();
  }
}

const NOTHING = Object.freeze([]) as unknown as never[];
const SMALLEST = -32;
/** Messages that are one byte are made once, when they are first met. */
const smallNumbers: (Pickled | undefined)[] = new Array(128 - SMALLEST).fill(undefined);
const primitiveWriter = new Writer();

/** The short way for numbers, for which the rest would cost more than the message. */
function dumpsNumber(value: number): Pickled {
  if (value >= SMALLEST && value < 128 && (value | 0) === value && (value !== 0 || 1 / value > 0)) {
    const known = smallNumbers[value - SMALLEST];
    if (known !== undefined) return known;
    const made = Object.freeze({
      bytes: Uint8Array.of(value),
      references: NOTHING,
      attachments: NOTHING,
      modules: NOTHING,
    });
    smallNumbers[value - SMALLEST] = made;
    return made;
  }
  primitiveWriter.position = 0;
  primitiveWriter.number(value);
  return { bytes: primitiveWriter.written(), references: NOTHING, attachments: NOTHING, modules: NOTHING };
}

function dumpsString(value: string): Pickled {
  primitiveWriter.rewind();
  primitiveWriter.string(value);
  return { bytes: primitiveWriter.written(), references: NOTHING, attachments: NOTHING, modules: NOTHING };
}

/** Puts the table of modules before the message: it is known only when the message is whole. */
function prependModules(e: Encoder, modules: string[]): void {
  const message = e.written().slice();
  e.position = 0;
  e.byte(MODULES);
  e.varint(modules.length);
  for (const module of modules) e.string(module);
  e.raw(message);
}

/** A message with its attachments before it, for where they cannot go beside it. */
export function joinAttachments(bytes: Uint8Array, attachments: readonly Uint8Array[]): Buffer {
  const w = new Writer();
  w.byte(ATTACHMENTS);
  w.varint(attachments.length);
  for (const { length } of attachments) w.varint(length);
  return Buffer.concat([w.written(), ...attachments, bytes]);
}

/**
 * Reads a message, without waiting: modules that it names and that are not loaded yet are loaded as `require` does.
 * The bytes may be reused afterwards, attachments that came beside them not.
 */
export function loads(
  bytes: Uint8Array,
  attachments: readonly Uint8Array<ArrayBuffer>[] = NOTHING,
  start = 0,
  relocation: Relocation | null = null,
): unknown {
  if (bytes.length === start + 1) {
    const tag = bytes[start];
    if (tag < 0x80) return tag;
    if (tag >= 0xe0) return tag - 256;
  }
  const d = new Decoder(bytes);
  d.position = start;
  d.relocation = relocation;
  d.attachments = bytes[start] === ATTACHMENTS ? splitAttachments(d) : attachments;
  readModules(d);
  const value = d.value();
  d.readDeferred();
  return value;
}

function splitAttachments(d: Decoder): Uint8Array<ArrayBuffer>[] {
  d.position++;
  const lengths = Array.from({ length: d.varint() }, () => d.varint());
  return lengths.map((length) => d.copy(length));
}

/** Imports every module that a message names, so that {@link loads} finds them. */
export async function importModules(bytes: Uint8Array, start = 0, relocation: Relocation | null = null): Promise<void> {
  const d = new Decoder(bytes);
  d.position = start;
  const names = readModules(d);
  for (const name of names) await importModule(relocate(name, relocation));
}

/** Whether a message names modules. */
export function namesModules(bytes: Uint8Array, start = 0): boolean {
  return bytes[start] === MODULES;
}

function readModules(d: Decoder): string[] {
  if (d.bytes[d.position] !== MODULES) return [];
  d.position++;
  const names: string[] = [];
  for (let i = d.varint(); i > 0; i--) names.push(d.string());
  return names;
}
