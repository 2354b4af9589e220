/** What the engine has compiled of this library, for the threads and processes that this one starts. */

let create: (() => Uint8Array) | null = null;
let shared: Uint8Array | undefined;

/** Tells how to get it; it is asked for once, when the first thread or process is started. */
export function setCompiledCode(make: () => Uint8Array): void {
  create = make;
}

/** The compiled code, if it has been asked for before: to make it takes as long as the first worker would save. */
export function compiledCodeAtHand(): Uint8Array | undefined {
  return shared;
}

/** The compiled code, in memory that threads share; undefined if there is none. */
export function compiledCode(): Uint8Array | undefined {
  if (shared === undefined && create !== null) {
    const code = create();
    shared = new Uint8Array(new SharedArrayBuffer(code.length));
    shared.set(code);
  }
  return shared;
}
