/**
 * Spinning: a wait that is over within microseconds is not worth a sleep.
 *
 * Who spins takes a processor from those that might let it through. So a spinner needs one of the block's cells, of
 * which there are fewer than processors; each holds the id of the party that spins there (party.ts), or 0.
 */

import { SPINNER_CELLS, SPINNERS } from './layout.ts';
import type { Memory } from './memory.ts';

/** Turns of a spin: some microseconds, a fraction of what it costs to park and to be woken (40). */
const SPINS = 1200;
/** Turns for who finds the cell taken: two that answer each other both spin for a moment at every change of turns. */
const GRACE_SPINS = 100;
/** The same for who waits to be handed something: a turn is one load. */
export const HAND_OVER_SPINS = 4000;

let refusals = 0;
/** As many threads may spin at once as there are processors to spare: with one processor, none. */
let cells: number | undefined;

/** Tries a little while, as everybody does who is about to wait. Returns whether that was enough. */
export function spinFor(memory: Memory, attempt: () => boolean, turns: number = SPINS): boolean {
  cells ??= Math.min(process.getBuiltinModule('node:os').availableParallelism() - 1, SPINNER_CELLS);
  if (cells <= 0) return false;
  const self = memory.parties.self;
  const w = memory.i32;
  const cell = SPINNERS + (self % cells);
  let spinner = Atomics.load(w, cell);
  for (let i = 0; spinner !== 0 && i < GRACE_SPINS; i++) {
    if (attempt()) return true;
    spinner = Atomics.load(w, cell);
  }
  if (spinner !== 0 || Atomics.compareExchange(w, cell, 0, self) !== 0) {
    // A spinner that was killed must not keep the cell for ever, but asking costs more than a whole spin.
    if (spinner === 0 || (++refusals & 255) !== 0 || memory.parties.isAlive(spinner)) return false;
    Atomics.compareExchange(w, cell, spinner, self);
    if (Atomics.load(w, cell) !== self) return false;
  }
  try {
    for (let i = 0; i < turns; i++) if (attempt()) return true;
    return false;
  } finally {
    Atomics.compareExchange(w, cell, self, 0);
  }
}
