/**
 * Loads the file that holds all of the library, `core.cjs`, as `require` would, but with the engine's code cache where
 * there is one: compiling that file takes longer than anything else in the start of a thread or a process. Whoever
 * starts one hands over what its own engine has compiled. A cache that does not fit is ignored by the engine.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import vm from 'node:vm';

type Core = typeof import('./core.ts');

const FILE = `${__dirname}/core.cjs`;
const HEAD = '(function (exports, require, module, __filename, __dirname) {';

let core: Core | undefined;

/** The library, with the code that another thread has left in a box, if it is there in time (memory/compiled-code.ts). */
export function loadFrom(box: SharedArrayBuffer): Core {
  const isThere = Atomics.load(new Int32Array(box, 0, 1), 0) === 1;
  return load(isThere ? new Uint8Array(box, 4) : undefined);
}

/** The library; `code` is used the first time. */
export function load(code?: Uint8Array): Core {
  core ??= compile(code);
  return core;
}

function compile(code: Uint8Array | undefined): Core {
  const script = new vm.Script(`${HEAD}${readFileSync(FILE, 'utf8')}\n})`, {
    filename: FILE,
    cachedData: code === undefined ? undefined : Buffer.from(code.buffer, code.byteOffset, code.byteLength),
  });
  const module = { exports: {} as Core };
  script.runInThisContext()(module.exports, createRequire(FILE), module, FILE, dirname(FILE));
  module.exports.setCompiledCode(() => script.createCachedData());
  return module.exports;
}
