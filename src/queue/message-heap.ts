/**
 * A binary heap of messages in shared memory, the least first: CPython's `heapq`, step for step, so that also those of
 * which none is less come out in the same order. See https://github.com/python/cpython/blob/3.13/Lib/heapq.py
 *
 * What items are ordered by most often, a number or the one or two numbers that an array begins with, stands in their
 * entries: comparing those reads two words each. Other items are made anew, as often as they are compared.
 *
 * Comparing may call the user's code (`compareTo`, `valueOf`), with the table locked: it may throw, and then nothing has
 * changed. If it takes long, others sleep meanwhile.
 */

import { loads } from '../pickle/pickle.ts';
import { type Entry, NUMBER, ONE_NUMBER, OTHER, TABLE_WORDS, TWO_NUMBERS } from './entry-table.ts';
import { MessageTable } from './message-table.ts';
import { comesBefore } from './order.ts';
import { readParcel } from './parcel.ts';

export const HEAP_WORDS = TABLE_WORDS;

/** Stands for the index of the entry that is being put. */
const NEW = -1;

export class MessageHeap extends MessageTable {
  override readonly comparesValues = true;
  #new: Entry = entry(OTHER);
  #newValue: unknown;
  /** Items that were made during this step. */
  readonly #made = new Map<number, unknown>();

  protected entryOf(value: unknown): Entry {
    if (typeof value === 'number') return entry(NUMBER, value);
    if (!Array.isArray(value) || !isOrdered(value[0])) return entry(OTHER);
    return isOrdered(value[1]) ? entry(TWO_NUMBERS, value[0], value[1]) : entry(ONE_NUMBER, value[0]);
  }

  /** `heappush`: sifts the new entry down towards the root. */
  protected arrangePut(added: Entry, value: unknown, length: number): void {
    this.#new = added;
    this.#newValue = value;
    try {
      let index = length;
      while (index > 0) {
        const parent = (index - 1) >>> 1;
        if (!this.#isLess(NEW, parent)) break;
        this.table.move(parent, index);
        index = parent;
      }
      this.table.set(index, added);
    } finally {
      this.#newValue = undefined;
      this.#made.clear();
    }
  }

  /** `heappop`: bubbles the smaller child up, from the root to a leaf, and sifts the last entry down from there. */
  protected arrangeTake(last: number): number {
    const path = [0];
    try {
      for (let child = 1; child < last; child = 2 * child + 1) {
        if (child + 1 < last && !this.#isLess(child, child + 1)) child++;
        path.push(child);
      }
      let end = path.length - 1;
      while (end > 0 && this.#isLess(last, path[end])) end--;
      for (let i = 0; i < end; i++) this.table.move(path[i + 1], path[i]);
      if (last > 0) this.table.move(last, path[end]);
    } finally {
      this.#made.clear();
    }
    return 0;
  }

  #isLess(a: number, b: number): boolean {
    const { table } = this;
    const kind = a === NEW ? this.#new.kind : table.kind(a);
    if (kind !== OTHER && kind === table.kind(b)) {
      const key = a === NEW ? this.#new.key : table.key(a);
      const other = table.key(b);
      if (kind === NUMBER || key !== other) return key < other;
      if (kind === TWO_NUMBERS) {
        const second = a === NEW ? this.#new.secondKey : table.secondKey(a);
        const otherSecond = table.secondKey(b);
        if (second !== otherSecond) return second < otherSecond;
      }
    } else if (kind + table.kind(b) === ONE_NUMBER + TWO_NUMBERS) {
      const key = a === NEW ? this.#new.key : table.key(a);
      if (key !== table.key(b)) return key < table.key(b);
    }
    return comesBefore(this.#item(a), this.#item(b));
  }

  #item(index: number): unknown {
    if (index === NEW) return this.#newValue;
    if (this.table.kind(index) === NUMBER) return this.table.key(index);
    if (this.#made.has(index)) return this.#made.get(index);
    const { bytes, attachments } = readParcel(this.memory, this.table.parcel(index));
    const item = loads(bytes as Uint8Array, attachments);
    this.#made.set(index, item);
    return item;
  }
}

function entry(kind: number, key = 0, secondKey = 0): Entry {
  return { kind, key, secondKey, parcel: 0 };
}

/** Whether a number decides by itself; NaN is neither less than nor the same as anything. */
function isOrdered(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(value);
}
