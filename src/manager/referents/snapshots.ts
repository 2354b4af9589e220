/** Iterating over what a server has: over a snapshot of it, which is read in chunks. */

import type { Call } from '../call.ts';

/** So many items go at once. */
const CHUNK = 1000;

/** Items, and under which number more of them are to be had (0: that is all). */
export interface Chunk {
  readonly items: unknown[];
  readonly more: number;
}

let last = 0;

/** The first chunk of `items`, which is the snapshot's own from now on. */
export function begin({ session }: Call, items: unknown[]): Chunk {
  if (items.length <= CHUNK) return { items, more: 0 };
  last = (last % 0x3fff_ffff) + 1;
  session.snapshots.set(last, items);
  return { items: items.splice(0, CHUNK), more: last };
}

/** The next chunk. */
export function proceed({ session }: Call, snapshot: number): Chunk {
  const items = session.snapshots.get(snapshot) ?? [];
  const next = items.splice(0, CHUNK);
  if (items.length > 0) return { items: next, more: snapshot };
  session.snapshots.delete(snapshot);
  return { items: next, more: 0 };
}

/** Nobody wants the rest. */
export function abandon({ session }: Call, snapshot: number): void {
  session.snapshots.delete(snapshot);
}
