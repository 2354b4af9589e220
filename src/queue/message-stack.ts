import type { Memory } from '../memory/memory.ts';
import { type Entry, NUMBER, OTHER, TABLE_WORDS } from './entry-table.ts';
import { MessageTable } from './message-table.ts';
import { type Gate, OPEN } from './store.ts';

export const STACK_WORDS = TABLE_WORDS;

/** A last-in first-out stack of messages in shared memory. */
export class MessageStack extends MessageTable {
  // biome-ignore lint/complexity/noUselessConstructor: the gate may be left out
  constructor(memory: Memory, base: number, gate: Gate = OPEN) {
    super(memory, base, gate);
  }

  protected entryOf(value: unknown): Entry {
    const isNumber = typeof value === 'number';
    return { kind: isNumber ? NUMBER : OTHER, key: isNumber ? value : 0, secondKey: 0, parcel: 0 };
  }

  protected arrangePut(entry: Entry, _value: unknown, length: number): void {
    this.table.set(length, entry);
  }

  protected arrangeTake(last: number): number {
    return last;
  }
}
