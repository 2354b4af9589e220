/**
 * Copies of bytes between the block and a thread's own memory. A short loop beats the engine's own copy, and that beats
 * Node's as long as calling it costs more than the copy. For shared memory the engine's copies word by word, which
 * takes twice as long as Node's does on Node 22 and later; Node 20 uses the engine's for both.
 */

/** Up to here a loop is faster; a view, which is needed to copy out, costs more than none. */
const SHORT_IN = 12;
const SHORT_OUT = 32;
/** From here on Node's way is. */
const LONG = 512;

const { copy } = Buffer.prototype;

/** Copies all of `source` into the block, from byte `to` on. */
export function copyIn(source: Uint8Array, block: Uint8Array, to: number): void {
  const { length } = source;
  if (length >= LONG) {
    // Where all of a source is wanted, Node 22 and 24 leave it to the engine.
    copy.call(source, block, to, 0, length - 1);
    block[to + length - 1] = source[length - 1];
  } else if (length > SHORT_IN) block.set(source, to);
  else for (let i = 0; i < length; i++) block[to + i] = source[i];
}

/** Fills `target` from the block, from byte `from` on. */
export function copyOut(block: Uint8Array, from: number, target: Uint8Array): void {
  const { length } = target;
  if (length >= LONG) copy.call(block, target, 0, from, from + length);
  else if (length > SHORT_OUT) target.set(block.subarray(from, from + length));
  else for (let i = 0; i < length; i++) target[i] = block[from + i];
}
