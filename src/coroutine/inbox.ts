import { beginWait } from '../memory/flow.ts';
import type { AsyncWaitSettings } from '../sync/async-wait.ts';
import { waitFor } from './waiting.ts';

/** Things that are taken out in the order in which they were put in, by greenlets of this thread. */
export class Inbox<T> {
  readonly #items: T[] = [];
  readonly #takers = new Set<(item: T) => void>();

  put(item: T): void {
    // It is given, not only announced: nobody who comes in between can take it away.
    for (const taker of this.#takers) {
      this.#takers.delete(taker);
      taker(item);
      return;
    }
    this.#items.push(item);
  }

  /** The next one; `late()` when the time has passed. */
  async take<L>(wait: AsyncWaitSettings, late: () => L): Promise<T | L> {
    beginWait(wait.signal);
    if (this.#items.length > 0) return this.#items.shift() as T;
    const enter = (got: (item: T | L) => void): (() => void) => {
      this.#takers.add(got);
      return () => this.#takers.delete(got);
    };
    return waitFor<T | L>(wait, enter, late);
  }
}
