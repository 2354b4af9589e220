import { SWEPT } from './layout.ts';
import type { Memory } from './memory.ts';
import { PARTY_NODE } from './party.ts';
import { buryWaiters } from './waiters.ts';

const BETWEEN_SWEEPS = 200;

/** Ends what a dead party has begun: it waits for nothing any more, and holds nothing. */
export function buryParty(memory: Memory, slot: number): void {
  buryWaiters(memory, slot, memory.parties.at(slot) + PARTY_NODE);
  memory.holdings.bury(slot);
}

/**
 * Buries whoever has died, for those that wait for something that only a death can end. Of all that ask, one looks, and
 * five times a second at most: a look costs some microseconds for each party.
 */
export function buryDead(memory: Memory): void {
  const w = memory.i32;
  const now = Date.now() | 0;
  const before = Atomics.load(w, SWEPT);
  if (Math.abs((now - before) | 0) < BETWEEN_SWEEPS) return;
  if (Atomics.compareExchange(w, SWEPT, before, now) !== before) return;
  memory.parties.sweep((slot) => buryParty(memory, slot));
}
