import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PARTY_TABLE, PARTY_WORDS } from '../../src/memory/layout.ts';
import { LocalMemory } from '../../src/memory/local-memory.ts';
import { Parties, slotOf } from '../../src/memory/party.ts';

/** Words of a slot (party.ts). */
const PID = 2;
const TID = 3;
const EPITAPH = 9;
const NOBODY = 0x7fff_fff0;

const memory = () => new LocalMemory(new SharedArrayBuffer(4 * 2 ** 20));

function joining(at: LocalMemory): Parties {
  const parties = new Parties(at);
  parties.register();
  return parties;
}

/** A party whose thread is gone; returns its slot. */
function dead(at: LocalMemory): number {
  const { base, self } = joining(at);
  at.i32[base + PID] = NOBODY;
  at.i32[base + TID] = NOBODY;
  return slotOf(self);
}

/** Has something happen at the moment when a party has been found to be gone. */
function whenFoundGone(happen: () => void): void {
  const { readFileSync } = fs;
  let done = false;
  vi.spyOn(fs, 'readFileSync').mockImplementation(((path: string, ...rest: never[]) => {
    try {
      return readFileSync(path, ...rest);
    } finally {
      if (!done && String(path).includes(`${NOBODY}`)) {
        done = true;
        happen();
      }
    }
  }) as typeof readFileSync);
  syncBuiltinESMExports();
}

describe('the burial of a party', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });

  it('is not that of the living who has got its slot meanwhile', () => {
    const block = memory();
    const [first, second] = [joining(block), joining(block)];
    const slot = dead(block);
    const buried: string[] = [];
    let heir: Parties | null = null;
    whenFoundGone(() => {
      second.sweep(() => buried.push('by the second'));
      heir = joining(block);
    });
    first.sweep(() => buried.push('by the first'));
    const { self } = heir as unknown as Parties;
    expect(slotOf(self)).toBe(slot);
    expect(buried).toEqual(['by the second']);
    expect([first.isAlive(self), second.idAt(slot)]).toEqual([true, self]);
  });

  it('is done by one, whoever has used the slot before was buried by', () => {
    const block = memory();
    const [first, second] = [joining(block), joining(block)];
    const slot = dead(block);
    // The last one who was at it here is gone: nobody is to take its place unless something is left to do.
    block.i32[PARTY_TABLE + slot * PARTY_WORDS + EPITAPH] = 5 << 12;
    const buried: string[] = [];
    const { compareExchange } = Atomics;
    let nested = false;
    vi.spyOn(Atomics, 'compareExchange').mockImplementation(((
      words: Int32Array,
      at: number,
      ...rest: [number, number]
    ) => {
      const before = compareExchange(words, at, ...rest);
      if (!nested && Math.floor((at - PARTY_TABLE) / PARTY_WORDS) === slot) {
        nested = true;
        second.sweep(() => buried.push('by the second'));
        nested = false;
      }
      return before;
    }) as typeof compareExchange);
    first.sweep(() => buried.push('by the first'));
    expect(buried).toHaveLength(1);
    expect(second.idAt(slot)).toBe(0);
    vi.restoreAllMocks();
    expect(slotOf(joining(block).self)).toBe(slot);
  });

  it('is finished by another when who was at it dies', () => {
    const block = memory();
    const first = joining(block);
    const slot = dead(block);
    const buried: string[] = [];
    expect(() =>
      joining(block).sweep(() => {
        throw new Error('killed');
      }),
    ).toThrow('killed');
    first.sweep(() => buried.push('again'));
    expect(buried).toEqual([]); // who was at it may be slow
    const at = PARTY_TABLE + slotOf(block.i32[PARTY_TABLE + slot * PARTY_WORDS + EPITAPH]) * PARTY_WORDS;
    block.i32[at + PID] = NOBODY;
    block.i32[at + TID] = NOBODY;
    first.sweep((each) => buried.push(`slot ${each}`));
    expect(buried.sort()).toEqual([`slot ${slot}`, `slot ${slotOf((at - PARTY_TABLE) / PARTY_WORDS)}`].sort());
  });
});
