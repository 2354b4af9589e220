import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryError } from '../../src/errors.ts';
import { LocalMemory } from '../../src/memory/local-memory.ts';
import { runSuite } from '../harness/run-suite.ts';

const MEGABYTE = 2 ** 20;
const small = () => new LocalMemory(new SharedArrayBuffer(4 * MEGABYTE));

describe('Heap', () => {
  it('gives aligned, zeroed payloads that do not overlap, and joins what is given back', () => {
    const { heap, i32 } = small();
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.record({ bytes: fc.integer({ min: 0, max: 20_000 }) }), fc.record({ index: fc.nat() })), {
          maxLength: 120,
        }),
        (steps) => {
          const before = heap.survey();
          const live: { at: number; words: number; mark: number }[] = [];
          for (const [number, step] of steps.entries()) {
            if ('bytes' in step) {
              const at = heap.allocate(step.bytes);
              const words = Math.ceil(step.bytes / 4);
              expect(at % 4).toBe(0);
              for (let i = at; i < at + words; i++) if (i32[i] !== 0) throw new Error('not zeroed');
              i32.fill(number + 1, at, at + words);
              live.push({ at, words, mark: number + 1 });
            } else if (live.length > 0) {
              const [{ at, words, mark }] = live.splice(step.index % live.length, 1);
              for (let i = at; i < at + words; i++) if (i32[i] !== mark) throw new Error('overwritten');
              heap.free(at);
            }
            heap.survey();
          }
          for (const { at } of live) heap.free(at);
          expect(heap.survey().used).toBe(before.used);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('moves a payload that grows, with its content', () => {
    const { heap, i32 } = small();
    let at = heap.allocate(16);
    i32[at] = 11;
    i32[at + 3] = 14;
    const wall = heap.allocate(16);
    for (const bytes of [17, 100, 5000, 300_000]) {
      at = heap.reallocate(at, bytes);
      expect([i32[at], i32[at + 1], i32[at + 3]]).toEqual([11, 0, 14]);
      expect(heap.capacity(at)).toBeGreaterThanOrEqual(bytes);
    }
    heap.free(at);
    heap.free(wall);
    expect(heap.survey().used).toBe(0);
  });

  it('takes back and gives out again what is longer than a GiB', () => {
    const memory = new LocalMemory(new SharedArrayBuffer(2 ** 32 - 65536));
    const { heap } = memory;
    for (const bytes of [2 ** 30 + 4096, 1.2 * 2 ** 30, 1.4 * 2 ** 30]) {
      const at = heap.allocate(bytes, 0, false);
      const behind = heap.allocate(16);
      heap.free(at);
      heap.survey();
      const again = heap.allocate(bytes - 1000, 0, false);
      heap.survey();
      heap.free(again);
      heap.free(behind);
      expect(heap.survey().used).toBe(0);
    }
    expect(() => heap.allocate(2 ** 32)).toThrow(MemoryError);
    expect(() => heap.allocate(2 ** 40)).toThrow(MemoryError);
  });

  it('is full at the end, says so, and takes again what was given back', () => {
    const { heap } = small();
    const payloads: number[] = [];
    expect(() => {
      for (;;) payloads.push(heap.allocate(100_000));
    }).toThrow(MemoryError);
    expect(payloads.length).toBeGreaterThan(20);
    expect(() => heap.allocate(64 * MEGABYTE)).toThrow(/no room for 67108864 bytes/);
    heap.survey();
    for (const payload of payloads) heap.free(payload);
    expect(heap.survey()).toMatchObject({ used: 0, chunks: 1 });
    expect(heap.allocate(2_000_000)).toBeGreaterThan(0);
  });

  it('asks once for what the dead have left before it says that it is full', () => {
    const { heap } = small();
    const payload = heap.allocate(2_500_000);
    let asked = 0;
    heap.reclaim = () => {
      asked++;
      heap.free(payload);
    };
    heap.allocate(2_500_000);
    expect(asked).toBe(1);
  });
});

runSuite('Heap under threads and processes', 'memory/heap.mjs');
