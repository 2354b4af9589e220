/**
 * What the engine has compiled of this library, for the threads and processes that this one starts. It is made while the
 * first of them comes up, which takes longer, and handed over in a box that is shared before anything is in it.
 *
 * ```
 * box  +0 READY  1: the code is there   +4.. the code, to the end
 * ```
 */

/** The compiled code has a quarter of a megabyte. */
const LARGEST = 16 * 2 ** 20;

let create: (() => Uint8Array) | null = null;
let box: SharedArrayBuffer | undefined;

/** Tells how to get it. */
export function setCompiledCode(make: () => Uint8Array): void {
  create = make;
}

/** Where the compiled code will be once {@link compiledCode} has been called. */
export function codeBox(): SharedArrayBuffer {
  box ??= new SharedArrayBuffer(4, { maxByteLength: LARGEST });
  return box;
}

/** The compiled code, made when it is first asked for; `undefined` if there is none. */
export function compiledCode(): Uint8Array | undefined {
  const shared = codeBox();
  if (create !== null) {
    const code = create();
    create = null;
    shared.grow(4 + code.length);
    new Uint8Array(shared, 4).set(code);
    Atomics.store(new Int32Array(shared, 0, 1), 0, 1);
  }
  return shared.byteLength > 4 ? new Uint8Array(shared, 4) : undefined;
}
