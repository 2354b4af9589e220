import type { Memory } from '../memory/memory.ts';
import { type Entry, EntryTable, NUMBER } from './entry-table.ts';
import { discardMessage, integerMessage, type Message } from './message.ts';
import { dropParcel, fetchParcel, layParcel, openParcel, parcelSent, sendParcel } from './parcel.ts';
import { type Gate, OPEN, type PutResult, type Store } from './store.ts';

/** Messages in a table (entry-table.ts): a number is its entry, anything else lies in a parcel. */
export abstract class MessageTable implements Store {
  readonly words = 0;
  readonly comparesValues: boolean = false;
  protected readonly memory: Memory;
  protected readonly table: EntryTable;
  readonly #gate: Gate;

  constructor(memory: Memory, base: number, gate: Gate = OPEN) {
    this.memory = memory;
    this.#gate = gate;
    this.table = new EntryTable(memory, base);
  }

  get length(): number {
    return this.table.length;
  }

  get putCount(): number {
    return this.table.putCount;
  }

  put(message: Message, value: unknown): PutResult {
    const early = this.#gate.admits(this, 0);
    if (early !== 'put') return early;
    const { memory, table } = this;
    const entry = this.entryOf(value);
    if (entry.kind !== NUMBER) entry.parcel = layParcel(memory, message);
    let verdict: PutResult = 'full';
    let done = false;
    try {
      table.lock();
      try {
        verdict = this.#gate.admits(this, 0);
        if (verdict === 'put') {
          const length = table.length;
          table.reserve();
          this.arrangePut(entry, value, length);
          if (entry.parcel !== 0) sendParcel(memory, entry.parcel);
          table.step(length + 1, 1);
          done = true;
        }
      } finally {
        table.unlock();
      }
    } finally {
      if (entry.parcel !== 0) {
        if (done) parcelSent(memory, entry.parcel);
        else dropParcel(memory, entry.parcel);
      }
    }
    return verdict;
  }

  take(): Message | null {
    return this.#take((last) => this.arrangeTake(last));
  }

  drop(): boolean {
    const message = this.#take((last) => last);
    if (message !== null) discardMessage(message);
    return message !== null;
  }

  destroy(): void {
    while (this.drop());
    this.table.destroy();
  }

  /** The entry of a value, without its parcel. */
  protected abstract entryOf(value: unknown): Entry;
  /** Prepares the step that puts an entry into the table of `length` entries. What it throws, `put` throws. */
  protected abstract arrangePut(entry: Entry, value: unknown, length: number): void;
  /** Prepares the step that takes an entry out; `last` is the last one's index. Returns the index of that entry. */
  protected abstract arrangeTake(last: number): number;

  #take(arrange: (last: number) => number): Message | null {
    const { memory, table } = this;
    if (table.length === 0) return null;
    let parcel = 0;
    let number = 0;
    table.lock();
    try {
      const last = table.length - 1;
      if (last < 0) return null;
      const index = arrange(last);
      parcel = table.parcel(index);
      if (parcel === 0) number = table.key(index);
      else fetchParcel(memory, parcel);
      table.step(last, 0);
    } finally {
      table.unlock();
    }
    return parcel === 0 ? integerMessage(number) : openParcel(memory, parcel);
  }
}
