/**
 * Reads what a program somewhere else has sent. It may send anything: every length is held against what is there before
 * memory is taken for it, nothing is called, compiled or imported, and whatever goes wrong is a `PicklingError`.
 */

import { PicklingError } from '../errors.ts';
import { Decoder } from './decoder.ts';
import { networkClass } from './network-scope.ts';
import { travelsAnywhere } from './reducer.ts';
import * as wire from './wire.ts';

/** The writer goes 1500 levels deep, of which some need two. */
const DEEPEST = 3200;

let reading = false;

/** Makes the value of a message from a program that is not trusted. @throws PicklingError it is not one */
export function loadsFromNetwork(bytes: Uint8Array): unknown {
  const before = reading;
  reading = true;
  try {
    const d = new NetworkDecoder(bytes);
    const value = d.value();
    d.readDeferred();
    if (d.position !== bytes.length) throw new RangeError('it does not end where its value does');
    return value;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PicklingError(`the message of ${bytes.length} bytes cannot be read: ${why}`, { cause: error });
  } finally {
    reading = before;
  }
}

/** Whether what is read just now comes from a program that is not trusted. */
export function readsFromNetwork(): boolean {
  return reading;
}

class NetworkDecoder extends Decoder {
  #depth = 0;

  override nested(bytes: Uint8Array): Decoder {
    return new NetworkDecoder(bytes);
  }

  override value(): unknown {
    const tag = this.#tag();
    if (tag === wire.LINK) throw new RangeError('it holds a function, a class or a module, which are not read');
    if (tag === wire.INSTANCE) throw new RangeError('it holds an instance of a class, which is not read');
    if (tag === wire.REDUCED) this.#checkReducer();
    if (tag === wire.ARRAY_BUFFER) this.#checkBuffer();
    if (++this.#depth > DEEPEST) throw new RangeError('it is nested too deeply');
    const value = super.value();
    this.#depth--;
    return value;
  }

  override reference(slot: number): unknown {
    const object = super.reference(slot);
    if (typeof object === 'function') throw new RangeError('it holds a class where a value belongs');
    if (object === undefined) throw new RangeError(`it refers to an object ${slot} that it does not hold`);
    return object;
  }

  override errorClass(): { prototype: Error } {
    const tag = this.#tag();
    this.position++;
    if (tag === wire.REFERENCE) {
      const known = super.reference(this.varint());
      if (typeof known === 'function') return known as unknown as { prototype: Error };
    } else if (tag === wire.LINK) {
      const slot = this.hold();
      const cls = this.#namedClass();
      if (cls !== undefined) {
        this.fill(slot, cls);
        return cls;
      }
    }
    throw new RangeError('it holds an error of no known class');
  }

  #namedClass(): { prototype: Error } | undefined {
    const kind = this.bytes[this.position++];
    const name = this.string();
    if (kind === wire.LINK_TAGGED) return networkClass('ours', name);
    if (kind !== wire.LINK_BUILTIN || name !== '' || this.count() !== 1) return undefined;
    return networkClass('builtin', this.string());
  }

  #tag(): number {
    if (this.position >= this.bytes.length) throw new RangeError('it ends too early');
    return this.bytes[this.position];
  }

  /** Looks at the name of the reducer, and goes back. */
  #checkReducer(): void {
    const { position } = this;
    this.position++;
    const tag = this.string();
    this.position = position;
    if (!travelsAnywhere(tag)) throw new RangeError(`it holds a "${tag}", which is not read`);
  }

  #checkBuffer(): void {
    const { position } = this;
    this.position++;
    this.count();
    const most = this.varint();
    this.position = position;
    if (most !== 0) throw new RangeError('it holds a resizable buffer, which is not read');
  }

  override varint(): number {
    if (this.position >= this.bytes.length) throw new RangeError('it ends too early');
    const value = super.varint();
    if (!Number.isSafeInteger(value)) throw new RangeError('it holds a number that is no length');
    return value;
  }

  /** Each value needs a byte at least, so that a count is never more than the bytes that follow. */
  override count(): number {
    const count = this.varint();
    this.#checkRest(count);
    return count;
  }

  override name(length: number): string {
    this.#checkRest(length);
    return super.name(length);
  }

  override copy(length: number): Uint8Array<ArrayBuffer> {
    this.#checkRest(length);
    return super.copy(length);
  }

  override float64(): number {
    this.#checkRest(8);
    return super.float64();
  }

  #checkRest(count: number): void {
    if (count > this.bytes.length - this.position) throw new RangeError('it says that more follows than is there');
  }
}
