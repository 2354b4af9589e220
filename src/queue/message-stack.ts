import { type Entry, NUMBER, OTHER, TABLE_WORDS } from './entry-table.ts';
import { MessageTable } from './message-table.ts';

export const STACK_WORDS = TABLE_WORDS;

/** A last-in first-out stack of messages in shared memory. */
export class MessageStack extends MessageTable {
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
