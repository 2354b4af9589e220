/** Iterating over what a server has: over a snapshot of it, as it is when the iteration begins. */

import { callLater, callNow, refer } from './base-proxy.ts';
import type { Chunk } from './referents/snapshots.ts';

/** Iterates, blocking for one chunk after the other. `method` begins the snapshot. */
export function* iterate<T>(proxy: object, method: string): IterableIterator<T> {
  let { items, more } = callNow<Chunk>(proxy, method, []);
  try {
    for (;;) {
      yield* items as T[];
      if (more === 0) return;
      ({ items, more } = refer(proxy).control('more', [more]) as Chunk);
    }
  } finally {
    if (more !== 0) refer(proxy).control('enough', [more]);
  }
}

/** Iterates while the event loop goes on. */
export async function* iterateAsync<T>(proxy: object, method: string): AsyncIterableIterator<T> {
  let { items, more } = await callLater<Chunk>(proxy, method, []);
  try {
    for (;;) {
      yield* items as T[];
      if (more === 0) return;
      ({ items, more } = (await refer(proxy).controlAsync('more', [more])) as Chunk);
    }
  } finally {
    if (more !== 0) await refer(proxy).controlAsync('enough', [more]);
  }
}
