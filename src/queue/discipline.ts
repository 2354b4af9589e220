import { HEAP, onDestroy, QUEUE, STACK } from '../memory/kinds.ts';
import { HEAP_WORDS, MessageHeap } from './message-heap.ts';
import { LOG_WORDS, MessageLog } from './message-log.ts';
import { MessageStack, STACK_WORDS } from './message-stack.ts';
import { type MakeStore, OPEN } from './store.ts';

/** In which order the items of a queue come out, and how its payload is told from others. */
export interface Discipline {
  kind: number;
  /** Words of the store in the queue's payload. */
  words: number;
  make: MakeStore;
}

/** Where the store begins in a queue's payload; what is before it stands in item-queue.ts. */
export const STORE = 16;

/** First in, first out. */
export const FIFO: Discipline = { kind: QUEUE, words: LOG_WORDS, make: (...at) => new MessageLog(...at) };
/** Last in, first out. */
export const LIFO: Discipline = { kind: STACK, words: STACK_WORDS, make: (...at) => new MessageStack(...at) };
/** The least first. */
export const PRIORITY: Discipline = { kind: HEAP, words: HEAP_WORDS, make: (...at) => new MessageHeap(...at) };

for (const { kind, make } of [FIFO, LIFO, PRIORITY]) {
  onDestroy(kind, (memory, payload) => {
    make(memory, payload + STORE, OPEN).destroy();
  });
}
