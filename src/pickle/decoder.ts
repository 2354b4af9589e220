import { readArrayBuffer, readView } from './binary.ts';
import {
  readArray,
  readDeferred,
  readLooseArray,
  readMap,
  readNullObject,
  readObject,
  readSet,
} from './collections.ts';
import { Decoding } from './decoding.ts';
import { readError } from './error-objects.ts';
import { readDerived, readInstance, readReduced } from './instances.ts';
import { readLink } from './links.ts';
import { readBoxed, readDate, readRegExp, readSymbol, readUrl } from './scalars.ts';
import * as wire from './wire.ts';

/** Reads values of every kind. */
export class Decoder extends Decoding {
  nested(bytes: Uint8Array): Decoder {
    return new Decoder(bytes);
  }

  value(): unknown {
    const tag = this.bytes[this.position++];
    if (tag < 0x80) return tag;
    if (tag < 0xa0) return this.name(tag - wire.STRING);
    if (tag < 0xb0) return readArray(this, tag - wire.ARRAY);
    if (tag < 0xc0) return readObject(this, tag - wire.OBJECT);
    if (tag >= 0xe0) return tag - 256;
    switch (tag) {
      case wire.UNDEFINED:
        return undefined;
      case wire.NULL:
        return null;
      case wire.TRUE:
        return true;
      case wire.FALSE:
        return false;
      case wire.INT16:
        return this.int16();
      case wire.INT32:
        return this.int32();
      case wire.FLOAT64:
        return this.float64();
      case wire.BIGINT:
        return this.bigint();
      case wire.LATIN1:
        return this.latin1(this.count());
      case wire.UTF8:
        return this.utf8(this.count());
      case wire.UTF16:
        return this.utf16(this.count());
      case wire.REFERENCE:
        return this.reference(this.varint());
      case wire.LONG_ARRAY:
        return readArray(this, this.count());
      case wire.LONG_OBJECT:
        return readObject(this, this.count());
      case wire.LOOSE_ARRAY:
        return readLooseArray(this);
      case wire.NULL_OBJECT:
        return readNullObject(this);
      case wire.REDUCED:
        return readReduced(this);
      case wire.LINK:
        return readLink(this);
      case wire.INSTANCE:
        return readInstance(this);
      case wire.DERIVED:
        return readDerived(this);
      default:
        return this.#builtin(tag);
    }
  }

  #builtin(tag: number): unknown {
    switch (tag) {
      case wire.SYMBOL:
        return readSymbol(this);
      case wire.DATE:
        return readDate(this);
      case wire.REGEXP:
        return readRegExp(this);
      case wire.MAP:
        return readMap(this);
      case wire.SET:
        return readSet(this);
      case wire.ARRAY_BUFFER:
        return readArrayBuffer(this);
      case wire.VIEW:
        return readView(this, false);
      case wire.BUFFER:
        return readView(this, true);
      case wire.BOXED:
        return readBoxed(this);
      case wire.LATER:
        return readDeferred(this);
      case wire.URL_OBJECT:
        return readUrl(this);
      case wire.ERROR:
        return readError(this);
      default:
        throw new RangeError(`No value begins with the byte 0x${tag.toString(16)} (at ${this.position - 1}).`);
    }
  }
}
