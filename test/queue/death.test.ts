/**
 * A party that dies inside a store, at every single step that others could see: what it did has either happened or not,
 * and who comes next finds all other messages and a sound heap.
 */

import { afterEach, describe, expect, it } from 'vitest';
import { LocalMemory } from '../../src/memory/local-memory.ts';
import { FIFO, LIFO, PRIORITY } from '../../src/queue/discipline.ts';
import { decodeMessage, encodeMessage } from '../../src/queue/message.ts';
import { OPEN, type Store } from '../../src/queue/store.ts';

class Killed extends Error {}

const names = ['store', 'add', 'sub', 'exchange', 'compareExchange'] as const;
const originals = Object.fromEntries(names.map((name) => [name, Atomics[name]])) as Pick<
  typeof Atomics,
  (typeof names)[number]
>;

/** From the `n`th on, nothing that this thread stores is seen by anybody; returns whether it came so far. */
function dieAt(n: number, action: () => void): boolean {
  let left = n;
  for (const name of names) {
    // biome-ignore lint/suspicious/noExplicitAny: one stand-in for several functions
    (Atomics as any)[name] = (...args: [Int32Array, number, number, number]) => {
      if (left <= 0) throw new Killed();
      left--;
      return (originals[name] as (...args: unknown[]) => unknown)(...args);
    };
  }
  try {
    action();
    return false;
  } catch (error) {
    if (error instanceof Killed) return true;
    throw error;
  } finally {
    Object.assign(Atomics, originals);
  }
}

afterEach(() => Object.assign(Atomics, originals));

const large = 'x'.repeat(40_000);
const items: Record<string, unknown[]> = {
  FIFO: [1, 'text', large, { a: [2] }, new Uint8Array(30_000).fill(3), 'y'.repeat(8000)],
  LIFO: [1, large, 0.5, new Uint8Array(30_000).fill(3), 7],
  PRIORITY: [
    [3, 1],
    [1, 4, 'text'],
    [2, 9, large],
    [1, 0],
    [0, 5, { a: 1 }],
    [2, 3, 'b'],
    [0, 4],
    [3, 0],
  ],
};

function model(discipline: string, put: unknown[], takes: number): unknown[] {
  const content: unknown[] = [];
  for (const item of put) content.push(item);
  if (discipline === 'PRIORITY') content.sort(compare);
  for (let i = 0; i < takes; i++) discipline === 'LIFO' ? content.pop() : content.shift();
  return discipline === 'LIFO' ? content.reverse() : content;
}

function compare(a: unknown, b: unknown): number {
  const [x, y] = [a, b] as [unknown[], unknown[]];
  for (let i = 0; ; i++) if (x[i] !== y[i]) return (x[i] as number) < (y[i] as number) ? -1 : 1;
}

/** Makes nonsense of the entries of a step that was begun and may not have been carried out (entry-table.ts). */
function clobberMoves(w: Int32Array, base: number): void {
  const [version, applied] = w.subarray(base + 1, base + 3);
  if (version === applied) return;
  const array = w[base + 3 + (version & 1) * 4];
  for (let move = 0; move < w[base + 11]; move++) {
    const at = array + w[base + 12 + move * 7] * 6;
    w.fill(-1, at, at + 6);
  }
}

describe.each(Object.entries({ FIFO, LIFO, PRIORITY }))('a store (%s)', (name, { words, make }) => {
  const put = (store: Store, item: unknown): void => {
    expect(store.put(encodeMessage(item, 'thread', 'item'), item)).toBe('put');
  };

  /** A block with a store of the first `count` items, and a view of it in the name of a party of its own. */
  function prepare(count: number): { block: SharedArrayBuffer; base: number } {
    const memory = new LocalMemory(new SharedArrayBuffer(2 ** 21));
    const base = memory.heap.allocate(words * 4);
    const store = make(memory, base, OPEN);
    for (const item of items[name].slice(0, count)) put(store, item);
    return { block: memory.i32.buffer as SharedArrayBuffer, base };
  }

  /** Does something with a copy of the block and dies at its `n`th step; then somebody else takes everything out. */
  function die(block: SharedArrayBuffer, base: number, n: number, action: (store: Store) => void) {
    const copy = new SharedArrayBuffer(block.byteLength);
    new Uint8Array(copy).set(new Uint8Array(block));
    const victim = new LocalMemory(copy);
    const store = make(victim, base, OPEN);
    const died = dieAt(n, () => action(store));
    victim.parties.renew();
    if (name !== 'FIFO') clobberMoves(victim.i32, base);
    const heir = new LocalMemory(copy);
    const heirs = make(heir, base, OPEN);
    const length = heirs.length;
    // Writing and reading both go on.
    put(heirs, items[name][0]);
    const left: unknown[] = [];
    for (let message = heirs.take(); message !== null; message = heirs.take()) left.push(decodeMessage(message));
    expect(left).toHaveLength(length + 1);
    left.splice(name === 'LIFO' ? 0 : left.findLastIndex((item) => same(item, items[name][0])), 1);
    heir.heap.survey();
    return { died, left, putCount: heirs.putCount };
  }

  function same(a: unknown, b: unknown): boolean {
    return JSON.stringify(a) === JSON.stringify(b);
  }

  it('has taken in a message or not, wherever the writer dies', () => {
    for (let count = 0; count < items[name].length; count++) {
      const { block, base } = prepare(count);
      const before = model(name, items[name].slice(0, count), 0);
      const after = model(name, items[name].slice(0, count + 1), 0);
      const seen = new Set<string>();
      for (let n = 0; ; n++) {
        const { died, left, putCount } = die(block, base, n, (store) => put(store, items[name][count]));
        const happened = left.length === after.length;
        expect(left).toEqual(happened ? after : before);
        expect(putCount).toBe(left.length + 1);
        seen.add(happened ? 'after' : 'before');
        if (!died) break;
      }
      expect(seen).toEqual(new Set(['before', 'after']));
    }
  });

  it('has given out a message or not, wherever the reader dies', () => {
    const { length } = items[name];
    for (let count = 1; count <= length; count++) {
      const { block, base } = prepare(count);
      const before = model(name, items[name].slice(0, count), 0);
      const after = model(name, items[name].slice(0, count), 1);
      for (let n = 0; ; n++) {
        const { died, left } = die(block, base, n, (store) => store.take());
        expect(left).toEqual(left.length === after.length ? after : before);
        if (!died) break;
      }
    }
  });
});
