/**
 * What the engine has compiled of this library, for the threads and processes that this one starts. It is made while the
 * first of them comes up, which takes longer, and handed over in a box that is shared before anything is in it.
 *
 * ```
 * box  +0 READY  1: the code is there   +8.. the code, to the end
 * ```
 */

/** Where the code comes from: the loader (loader.ts). */
export interface CodeSource {
  /** How many files have been loaded. */
  readonly files: number;
  /** The compiled code of all of them. */
  pack(): Uint8Array;
}

/** Where the code begins. */
const HEAD = 8;
/** The compiled code has a quarter of a megabyte. */
const LARGEST = 16 * 2 ** 20;

let source: CodeSource | null = null;
let box: SharedArrayBuffer | undefined;
/** How many files are in the box, or will be. */
let packed = 0;

/** Tells where to get it. */
export function setCompiledCode(from: CodeSource): void {
  source = from;
}

/** Where the compiled code will be once {@link compiledCode} has been called. */
export function codeBox(): SharedArrayBuffer {
  const files = source?.files ?? 0;
  // Who has loaded more since has more to hand over.
  if (box === undefined || files !== packed) box = new SharedArrayBuffer(HEAD, { maxByteLength: LARGEST });
  packed = files;
  return box;
}

/** The compiled code; `undefined` if there is none. */
export function compiledCode(): Uint8Array | undefined {
  const shared = codeBox();
  if (shared.byteLength === HEAD && source !== null) {
    const code = source.pack();
    shared.grow(HEAD + code.length);
    new Uint8Array(shared, HEAD).set(code);
    Atomics.store(new Int32Array(shared, 0, 1), 0, 1);
  }
  return shared.byteLength > HEAD ? new Uint8Array(shared, HEAD) : undefined;
}
