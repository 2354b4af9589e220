import { constants } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OSError } from '../../src/errors.ts';
import { Frame, FrameBuffer, frameHeader } from '../../src/process/framing.ts';

/** All bytes of a message on its way, `piece` at a time. */
function bytesOf(message: Uint8Array, piece = Number.POSITIVE_INFINITY): Buffer {
  const frame = new Frame(message);
  const parts: Buffer[] = [];
  while (!frame.done) {
    const part = Buffer.from(frame.rest().bytes.subarray(0, piece));
    frame.sent += part.length;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

describe('frames', () => {
  it('a message has its length before it, in four bytes', () => {
    expect(bytesOf(Buffer.from('abc'))).toEqual(Buffer.from('\0\0\0\x03abc'));
    expect(bytesOf(Buffer.alloc(0))).toEqual(Buffer.from('\0\0\0\0'));
    expect(frameHeader(0x7fff_ffff)).toEqual(Buffer.from('7fffffff', 'hex'));
  });

  it('a message of more than 2^31-1 bytes has -1 and eight bytes', () => {
    expect(frameHeader(0x8000_0000)).toEqual(Buffer.from('ffffffff0000000080000000', 'hex'));
    expect(frameHeader(2 ** 40 + 1)).toEqual(Buffer.from('ffffffff0000010000000001', 'hex'));
  });

  it('messages come out as they went in, however they are cut', () => {
    const sizes = fc.array(fc.oneof(fc.nat(50), fc.nat(40_000), fc.nat(300_000)), { maxLength: 8 });
    const property = fc.property(sizes, fc.integer({ min: 1, max: 100_000 }), fc.nat(70_000), (lengths, piece, cut) => {
      const messages = lengths.map((length, i) => Buffer.alloc(length, i + 1));
      const stream = Buffer.concat(messages.map((message) => bytesOf(message, piece)));
      const frames = new FrameBuffer();
      const arrived: Buffer[] = [];
      for (let at = 0; at < stream.length; at += cut + 1) {
        frames.add(stream.subarray(at, at + cut + 1));
        for (let next = frames.take(); next !== undefined; next = frames.take()) arrived.push(next);
      }
      expect(frames.size).toBe(0);
      expect(arrived.map((message) => message.length)).toEqual(lengths);
      for (const [i, message] of arrived.entries()) expect(message.equals(messages[i])).toBe(true);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('the long form is read for short messages too', () => {
    const frames = new FrameBuffer();
    frames.add(Buffer.concat([Buffer.from('ffffffff0000000000000003', 'hex'), Buffer.from('abcd')]));
    expect(frames.take()?.toString()).toBe('abc');
    expect(frames.size).toBe(1);
  });

  it('half a header is no length, and half a long one is none either', () => {
    const frames = new FrameBuffer();
    frames.add(Buffer.from('000000', 'hex'));
    expect(frames.length()).toBe(undefined);
    const long = new FrameBuffer();
    long.add(Buffer.from('ffffffff00000000000000', 'hex'));
    expect([long.length(), long.complete, long.take()]).toEqual([undefined, false, undefined]);
  });

  it('a header of 3 GB takes no such memory before the bytes come', () => {
    const frames = new FrameBuffer();
    frames.add(Buffer.concat([frameHeader(3 * 2 ** 30), Buffer.alloc(10)]));
    expect(frames.length()).toBe(3 * 2 ** 30);
    expect(frames.complete).toBe(false);
    expect(frames.room().buffer.byteLength).toBeLessThanOrEqual(1024 * 1024);
    frames.add(Buffer.alloc(3_000_000));
    expect(frames.room().buffer.byteLength).toBeLessThanOrEqual(16 * 1024 * 1024);
  });

  it('a length that is none is refused', () => {
    for (const header of ['fffffffe', '80000000', 'ffffffffffffffffffffffff']) {
      const frames = new FrameBuffer();
      frames.add(Buffer.from(header, 'hex'));
      expect(() => frames.length()).toThrow(OSError);
      expect(() => frames.take()).toThrow(/bad message length/);
    }
    expect(constants.MAX_LENGTH).toBeGreaterThan(2 ** 31);
  });
});
