import fc from 'fast-check';
import { expect, it } from 'vitest';
import { copyIn, copyOut } from '../../src/queue/copy-bytes.ts';

const BYTES = 4 * 2 ** 30 - 65536;

function block(bytes: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(bytes, { maxByteLength: bytes }), 0, bytes);
}

it('copies in what is copied out again, whatever the length, and nothing beside it', () => {
  const shared = block(8192);
  const length = fc.oneof(fc.nat(80), fc.integer({ min: 500, max: 530 }), fc.nat(4000));
  fc.assert(
    fc.property(length, fc.nat(4000), fc.nat(7), (bytes, to, from) => {
      shared.fill(0xee);
      const source = Buffer.alloc(bytes + 8, 0x11).subarray(from, from + bytes);
      for (let i = 0; i < bytes; i++) source[i] = (i * 7 + to) & 0x7f;
      copyIn(source, shared, to);
      expect(Buffer.compare(Buffer.from(shared.slice(to, to + bytes)), source)).toBe(0);
      expect(shared.findIndex((byte) => byte !== 0xee)).toBe(bytes === 0 ? -1 : to);
      expect(shared.findLastIndex((byte) => byte !== 0xee)).toBe(bytes === 0 ? -1 : to + bytes - 1);
      const target = new Uint8Array(bytes + 16).fill(0x33);
      copyOut(shared, to, target.subarray(8, 8 + bytes));
      expect(Buffer.compare(target.subarray(8, 8 + bytes), source)).toBe(0);
      expect(target.subarray(0, 8).every((byte) => byte === 0x33)).toBe(true);
      expect(target.subarray(8 + bytes).every((byte) => byte === 0x33)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

it('copies at the far end of the largest block', () => {
  const shared = block(BYTES);
  for (const length of [8, 100, 5000]) {
    const source = Buffer.alloc(length, 7);
    copyIn(source, shared, BYTES - length);
    const target = new Uint8Array(length);
    copyOut(shared, BYTES - length, target);
    expect(Buffer.compare(target, source)).toBe(0);
    expect(shared[BYTES - length - 1]).toBe(0);
    shared.fill(0, BYTES - length);
  }
});
