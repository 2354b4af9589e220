import type { Memory } from './memory.ts';
import { PARTY_NODE } from './party.ts';
import { buryWaiters } from './waiters.ts';

/** Ends what a dead party has begun: it waits for nothing any more, and holds nothing. */
export function buryParty(memory: Memory, slot: number): void {
  buryWaiters(memory, slot, memory.parties.at(slot) + PARTY_NODE);
  memory.holdings.bury(slot);
}
