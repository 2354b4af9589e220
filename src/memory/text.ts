import type { Memory } from './memory.ts';

/** A string in a payload of its own: its length in bytes, then its UTF-8. */
export function storeText(memory: Memory, text: string): number {
  const bytes = Buffer.from(text);
  const payload = memory.heap.allocate(4 + bytes.length);
  memory.i32[payload] = bytes.length;
  memory.u8.set(bytes, (payload + 1) * 4);
  return payload;
}

/** Reads a string; 0 is the empty one. */
export function loadText(memory: Memory, payload: number): string {
  if (payload === 0) return '';
  const length = memory.i32[payload];
  return Buffer.from(memory.bytes(payload + 1, length)).toString();
}
