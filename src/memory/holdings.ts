/**
 * What each thread holds, so that a payload is given back when the last holder lets go of it, however it ends.
 *
 * A payload's COUNT is the number of threads that hold it plus the number of messages under way that mention it. A
 * thread counts once, however many handles it has. Which payloads a thread holds stands in a list in the block, so
 * that who buries a killed party can let go for it.
 *
 * ```
 * page  +0 NEXT page of this party's list   +1.. entries: a payload, or 0
 * ```
 *
 * The order of the two stores is chosen such that a death between them leaks one payload and never frees one that is
 * still held: count up before the entry is written, clear the entry before counting down.
 */

import { CHUNK_COUNT, CHUNK_HEADER, CHUNK_KIND } from './heap.ts';
import { destroyPayload } from './kinds.ts';
import type { Memory } from './memory.ts';
import { PARTY_HOLDINGS } from './party.ts';

const PAGE_WORDS = 252;

export class Holdings {
  readonly #memory: Memory;
  /** Payload → the word of its entry. */
  readonly #entries = new Map<number, number>();
  readonly #vacant: number[] = [];

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** This thread holds the payload from now on; does nothing if it does already. */
  hold(payload: number): void {
    if (this.#entries.has(payload)) return;
    const entry = this.#vacant.pop() ?? this.#grow();
    this.retain(payload);
    Atomics.store(this.#memory.i32, entry, payload);
    this.#entries.set(payload, entry);
  }

  /** This thread no longer holds the payload. */
  letGo(payload: number): void {
    const entry = this.#entries.get(payload);
    if (entry === undefined) return;
    this.#entries.delete(payload);
    Atomics.store(this.#memory.i32, entry, 0);
    this.#vacant.push(entry);
    this.release(payload);
  }

  /** Counts the payload up for a message or a structure that mentions it. */
  retain(payload: number): void {
    Atomics.add(this.#memory.i32, payload - CHUNK_HEADER + CHUNK_COUNT, 1);
  }

  /** Undoes one {@link retain}; who was the last takes the payload down and frees it. */
  release(payload: number): void {
    const w = this.#memory.i32;
    const before = Atomics.sub(w, payload - CHUNK_HEADER + CHUNK_COUNT, 1);
    if (before > 1) return;
    destroyPayload(this.#memory, payload, w[payload - CHUNK_HEADER + CHUNK_KIND]);
    this.#memory.heap.free(payload);
  }

  /** Lets go of all that the party in a slot holds. */
  bury(slot: number): void {
    const memory = this.#memory;
    const base = memory.parties.at(slot);
    const pages: number[] = [];
    for (let page = memory.i32[base + PARTY_HOLDINGS]; page !== 0; page = memory.i32[page]) {
      pages.push(page);
      for (let entry = page + 1; entry <= page + PAGE_WORDS; entry++) {
        const payload = memory.i32[entry];
        if (payload === 0) continue;
        Atomics.store(memory.i32, entry, 0);
        this.release(payload);
      }
    }
    Atomics.store(memory.i32, base + PARTY_HOLDINGS, 0);
    for (const page of pages) memory.heap.free(page);
  }

  #grow(): number {
    const memory = this.#memory;
    const page = memory.heap.allocate((PAGE_WORDS + 1) * 4);
    const w = memory.i32;
    w[page] = w[memory.parties.base + PARTY_HOLDINGS];
    Atomics.store(w, memory.parties.base + PARTY_HOLDINGS, page);
    for (let entry = page + PAGE_WORDS; entry > page + 1; entry--) this.#vacant.push(entry);
    return page + 1;
  }
}
