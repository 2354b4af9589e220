/** Values that the other side has or imports: globals, modules of Node, classes of the library, exports of modules. */

import type { Builtin } from './builtins.ts';
import { readCode } from './code-reader.ts';
import type { Decoding } from './decoding.ts';
import type { Encoding } from './encoding.ts';
import { readNamed } from './named.ts';
import type { Reference } from './references.ts';
import { LINK, LINK_BUILTIN, LINK_CODE, LINK_COMMONJS, LINK_MODULE, LINK_TAGGED } from './wire.ts';

export function writeBuiltin(e: Encoding, { module, path }: Builtin): void {
  e.byte(LINK);
  e.byte(LINK_BUILTIN);
  e.string(module);
  e.varint(path.length);
  for (const key of path) e.string(key);
}

export function writeTagged(e: Encoding, tag: string): void {
  e.byte(LINK);
  e.byte(LINK_TAGGED);
  e.string(tag);
}

export function writeReference(e: Encoding, reference: Reference): void {
  e.byte(LINK);
  e.byte(reference.commonjs ? LINK_COMMONJS : LINK_MODULE);
  e.addModule(reference.module);
  e.fileName(reference.module);
  e.string(reference.name);
}

export function readLink(d: Decoding): unknown {
  const slot = d.hold();
  const kind = d.bytes[d.position++];
  if (kind === LINK_CODE) return readCode(d, slot);
  const value = readNamed(d, kind);
  d.fill(slot, value);
  return value;
}
