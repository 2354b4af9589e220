/**
 * A robust spin lock for the few instructions in which the library changes a structure in shared memory.
 *
 * One word: 0 = free, otherwise the id of the party that holds it (party.ts). It is never held across anything that
 * waits or calls the user's code. Who finds it held spins a little and then naps, since on a busy machine the holder
 * may have lost its processor. A holder that died inside (kill -9, a terminated worker) is found out by its id:
 * the lock is taken over, and `acquire` says so, for its owner to repair what the dead party left half done.
 */

import type { Memory } from './memory.ts';

const SPINS = 200;
const NAPS_BETWEEN_CHECKS = 40;

/** Takes the lock at `word`. Returns true if it was taken over from a party that died inside. */
export function acquireSpinLock(memory: Memory, word: number): boolean {
  if (Atomics.compareExchange(memory.i32, word, 0, memory.parties.self) === 0) return false;
  return acquireSlow(memory, word);
}

/** Gives the lock back. */
export function releaseSpinLock(memory: Memory, word: number): void {
  Atomics.store(memory.i32, word, 0);
}

function acquireSlow(memory: Memory, word: number): boolean {
  const self = memory.parties.self;
  for (let naps = 0; ; naps++) {
    for (let spin = 0; spin < SPINS; spin++) {
      if (Atomics.load(memory.i32, word) === 0 && Atomics.compareExchange(memory.i32, word, 0, self) === 0)
        return false;
    }
    memory.nap(naps < 20 ? 0.05 : 1);
    if (naps % NAPS_BETWEEN_CHECKS === NAPS_BETWEEN_CHECKS - 1) {
      const holder = Atomics.load(memory.i32, word);
      if (holder !== 0 && !memory.parties.isAlive(holder)) {
        if (Atomics.compareExchange(memory.i32, word, holder, self) === holder) return true;
      }
    }
  }
}
