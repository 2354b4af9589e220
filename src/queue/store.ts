import type { Memory } from '../memory/memory.ts';
import type { Message } from './message.ts';

/** What became of a message that was to be put. */
export type PutResult = 'put' | 'full' | 'closed';

/** Says whether a message of `words` words may be put just now; asked with the place for it locked. */
export interface Gate {
  admits(store: Store, words: number): PutResult;
}

/** Where a queue keeps its messages in shared memory, and in which order they come out. */
export interface Store {
  /** How many messages are in the store. */
  readonly length: number;
  /** How many messages were ever put, modulo 2^32. */
  readonly putCount: number;
  /** How many words the messages in the store take; 0 for a store that does not count them. */
  readonly words: number;
  /** Whether the order depends on what the messages were made of. */
  readonly comparesValues: boolean;
  /**
   * Puts a message, if the gate admits it. `value` is what it was made of.
   * @throws MemoryError nothing was put.
   */
  put(message: Message, value: unknown): PutResult;
  /** Takes the message whose turn it is; null if there is none. */
  take(): Message | null;
  /** Throws one message away, whichever; false if there is none. */
  drop(): boolean;
  /** Gives back everything: the messages, and what they mention. Nobody else has the store any more. */
  destroy(): void;
}

/** Makes the view of a store at a word of a block. */
export type MakeStore = (memory: Memory, base: number, gate: Gate) => Store;

/** A gate that is open. */
export const OPEN: Gate = { admits: () => 'put' };
