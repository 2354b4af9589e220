import { Heap } from './heap.ts';
import { Holdings } from './holdings.ts';
import { HEAP_START, MAGIC, MAGIC_VALUE, SIZE } from './layout.ts';
import { Parties } from './party.ts';
import type { Waiters } from './waiters.ts';

/** How a wait on a word ended. */
export type WaitResult = 'ok' | 'not-equal' | 'timed-out';

/**
 * One block of memory that several threads (local) or several processes (system) share, as 32-bit words.
 *
 * Everything above this layer is written against this class alone, so that a lock of `threading` and one of
 * `multiprocessing` are the same algorithm. A back end supplies four things: the views, blocking on a word, waking
 * who blocks on a word, and a doorbell that wakes the event loop of a thread that does not block.
 *
 * Words that others may change are read and written with `Atomics`, always.
 */
export abstract class Memory {
  abstract readonly kind: 'local' | 'system';
  /** The block as words. */
  abstract readonly i32: Int32Array;
  /** The block as bytes. */
  abstract readonly u8: Uint8Array;

  readonly heap: Heap = new Heap(this);
  readonly parties: Parties = new Parties(this);
  readonly holdings: Holdings = new Holdings(this);
  /** Who waits in this block without blocking; made on first use. */
  abstract readonly waiters: Waiters;

  /** Blocks this thread while `word` holds `expected`, for `milliseconds` at most. May return early without a reason. */
  abstract wait(word: number, expected: number, milliseconds: number): WaitResult;
  /** Wakes up to `count` threads that block in {@link wait} on `word`. */
  abstract wake(word: number, count: number): void;
  /** Wakes the event loop of another thread: its list of woken waiters is no longer empty. */
  abstract ring(slot: number): void;
  /** Calls `listener` on this thread's event loop after every {@link ring} for it. Does not keep the loop alive. */
  abstract listen(listener: () => void): void;

  /** Sets up a block that is all zero, or waits until another thread has done so. */
  protected initialise(words: number): void {
    this.i32[SIZE] = words;
    this.heap.initialise(HEAP_START, words);
    Atomics.store(this.i32, MAGIC, MAGIC_VALUE);
  }

  /** A view of `bytes` bytes from word `index` on. */
  bytes(index: number, bytes: number): Uint8Array {
    return this.u8.subarray(index * 4, index * 4 + bytes);
  }

  /** Puts this thread to sleep for about `milliseconds`. */
  nap(milliseconds: number): void {
    Atomics.wait(napWord, 0, 0, milliseconds);
  }
}

const napWord = new Int32Array(new SharedArrayBuffer(4));
