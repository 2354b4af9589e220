/** Finds on this side what a message names: modules of Node and globals, classes of the library, exports. */

import { fileURLToPath } from 'node:url';
import { resolveBuiltin } from './builtins.ts';
import type { Decoding } from './decoding.ts';
import { exportOf, loadModule, requireFrom } from './modules.ts';
import { classByTag } from './reducer.ts';
import { LINK_BUILTIN, LINK_COMMONJS, LINK_MODULE, LINK_TAGGED } from './wire.ts';

/** Reads a name of one of the `LINK` kinds and gives what it stands for. */
export function readNamed(d: Decoding, kind: number): unknown {
  const name = kind === LINK_MODULE || kind === LINK_COMMONJS ? d.fileName() : d.string();
  switch (kind) {
    case LINK_BUILTIN: {
      const path: string[] = [];
      for (let i = d.varint(); i > 0; i--) path.push(d.string());
      return resolveBuiltin({ module: name, path });
    }
    case LINK_TAGGED: {
      const cls = classByTag(name);
      if (cls === undefined)
        throw new TypeError(`A message names the class "${name}", which this thread does not know.`);
      return cls;
    }
    case LINK_MODULE:
      return exportOf(loadModule(name), d.string(), name);
    case LINK_COMMONJS: {
      const key = d.string();
      const exports = requireFrom(name)(fileURLToPath(name));
      return key === '' ? exports : exportOf(exports, key, name);
    }
    default:
      throw new RangeError(`A message holds a link of the unknown kind ${kind}.`);
  }
}
