/**
 * The allocator inside a block: free chunks in lists by length (free-lists.ts), with boundary tags, so that allocating
 * and freeing take constant time and neighbours that are free are always one chunk.
 *
 * ```
 * chunk   +0 SIZE      words with this header, a multiple of 4; bit 0: free
 *         +1 PREVIOUS  the chunk before it in memory, 0 for the first
 *         +2 COUNT     how many hold the payload (holdings.ts)
 *         +3 KIND      what the payload is: who is asked to take it down (kinds.ts)
 *         +4 payload; in a free chunk: its neighbours in the list
 * control +0 LOCK  +1 TOP  +2 END  +3 FIRST  +4.. free lists  then LAST
 * ```
 *
 * Memory from TOP on has never been used and is still zero: the kernel has not even committed it.
 *
 * Robustness: a party can die at any instruction with LOCK held. The sizes and free bits alone are the truth; every
 * change of them is one store that leads from one valid chain of chunks to another (a new header is written before
 * the chain is bent to include it). Who takes the lock over walks that chain and rebuilds all the rest.
 */

import { MemoryError } from '../errors.ts';
import { clearFreeLists, FREE_LISTS_END, findFree, linkFree, listedFree, unlinkFree } from './free-lists.ts';
import { HEAP_CONTROL } from './layout.ts';
import type { Memory } from './memory.ts';
import { acquireSpinLock, releaseSpinLock } from './spin-lock.ts';

const LOCK = HEAP_CONTROL;
const TOP = HEAP_CONTROL + 1;
const END = HEAP_CONTROL + 2;
const FIRST = HEAP_CONTROL + 3;
/** The chunk that ends at TOP. */
const LAST = FREE_LISTS_END;

const CHUNK_PREVIOUS = 1;
export const CHUNK_COUNT = 2;
export const CHUNK_KIND = 3;
/** Words of a chunk before its payload. */
export const CHUNK_HEADER = 4;

const FREE = 1;
const MINIMUM = 8;
const SPLIT = 16;

export class Heap {
  readonly #memory: Memory;
  /** Asked once when the block is full, before that is reported: give back what the dead have left behind. */
  reclaim: (() => void) | null = null;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Sets up the heap of a fresh block. */
  initialise(start: number, end: number): void {
    const w = this.#memory.i32;
    w[TOP] = start;
    w[FIRST] = start;
    w[END] = end & ~3;
  }

  /**
   * Allocates `bytes` bytes, zeroed (unless the caller is going to overwrite all of them) and aligned to 16 bytes;
   * returns the word index of the payload.
   * @throws MemoryError when the block has no room.
   */
  allocate(bytes: number, kind = 0, zeroed = true): number {
    const words = chunkWords(bytes);
    let chunk = this.#take(words, kind, zeroed);
    if (chunk === 0 && this.reclaim !== null) {
      this.reclaim();
      chunk = this.#take(words, kind, zeroed);
    }
    if (chunk === 0) {
      throw new MemoryError(
        `the ${this.#memory.kind} shared memory has no room for ${bytes} bytes ` +
          `(${(this.#memory.i32[END] - this.#memory.i32[TOP]) * 4} of ${this.#memory.i32[END] * 4} bytes were never used); ` +
          'release queues, arrays and values that are no longer needed',
      );
    }
    return chunk + CHUNK_HEADER;
  }

  /** Gives a payload back. */
  free(payload: number): void {
    const chunk = payload - CHUNK_HEADER;
    this.#lock();
    this.#release(chunk);
    releaseSpinLock(this.#memory, LOCK);
  }

  /** Moves a payload to a place of `bytes` bytes, with as much of its content as fits; returns the new payload. */
  reallocate(payload: number, bytes: number): number {
    const w = this.#memory.i32;
    const have = (w[payload - CHUNK_HEADER] & ~3) - CHUNK_HEADER;
    const want = chunkWords(bytes) - CHUNK_HEADER;
    if (want <= have) return payload;
    const moved = this.allocate(bytes, w[payload - CHUNK_HEADER + CHUNK_KIND]);
    const words = this.#memory.i32;
    words.copyWithin(moved, payload, payload + have);
    Atomics.store(words, moved - CHUNK_HEADER + CHUNK_COUNT, words[payload - CHUNK_HEADER + CHUNK_COUNT]);
    this.free(payload);
    return moved;
  }

  /** How many bytes the payload can hold. */
  capacity(payload: number): number {
    return ((this.#memory.i32[payload - CHUNK_HEADER] & ~3) - CHUNK_HEADER) * 4;
  }

  /** Bytes in use, with their headers (walks the whole heap: for tests and diagnosis). */
  used(): number {
    return this.survey().used;
  }

  /**
   * Walks the whole heap and checks that the chain of chunks, the back links and the lists agree (for tests).
   * @throws Error they do not.
   */
  survey(): { used: number; free: number; chunks: number } {
    const survey = { used: 0, free: 0, chunks: 0 };
    this.#lock();
    try {
      const w = this.#memory.i32;
      const listed = listedFree(w);
      let previous = 0;
      let chunk = w[FIRST];
      while (chunk < w[TOP]) {
        const size = w[chunk] & ~3;
        const free = (w[chunk] & FREE) !== 0;
        const isSound = size >= MINIMUM && w[chunk + CHUNK_PREVIOUS] === previous && listed.has(chunk) === free;
        if (!isSound || (free && previous !== 0 && (w[previous] & FREE) !== 0)) {
          throw new Error(`the heap is not sound at word ${chunk}: size ${size}, free ${free}`);
        }
        survey[free ? 'free' : 'used'] += size * 4;
        survey.chunks++;
        previous = chunk;
        chunk += size;
      }
      if (chunk !== w[TOP] || (previous !== 0 && w[LAST] !== previous)) throw new Error('the heap ends elsewhere');
    } finally {
      releaseSpinLock(this.#memory, LOCK);
    }
    return survey;
  }

  #lock(): void {
    const recovered = acquireSpinLock(this.#memory, LOCK);
    if (recovered) this.#rebuild();
  }

  #take(words: number, kind: number, zeroed: boolean): number {
    this.#lock();
    let chunk = this.#find(words);
    const used = chunk !== 0;
    if (!used) chunk = this.#extend(words);
    const w = this.#memory.i32;
    if (chunk !== 0) {
      w[chunk + CHUNK_COUNT] = 0;
      w[chunk + CHUNK_KIND] = kind;
    }
    releaseSpinLock(this.#memory, LOCK);
    if (used && zeroed) w.fill(0, chunk + CHUNK_HEADER, chunk + (w[chunk] & ~3));
    return chunk;
  }

  /** Takes a free chunk of at least `words` words, cut to size; 0 if there is none. */
  #find(words: number): number {
    const w = this.#memory.i32;
    const chunk = findFree(w, words);
    if (chunk === 0) return 0;
    const size = w[chunk] & ~3;
    unlinkFree(w, chunk, size);
    if (size - words >= SPLIT) this.#split(chunk, size, words);
    Atomics.store(w, chunk, w[chunk] & ~3);
    return chunk;
  }

  /** Cuts a chunk that is in no list in two; the rest becomes a free chunk. */
  #split(chunk: number, size: number, words: number): void {
    const w = this.#memory.i32;
    const rest = chunk + words;
    w[rest + CHUNK_PREVIOUS] = chunk;
    Atomics.store(w, rest, (size - words) | FREE);
    Atomics.store(w, chunk, words | FREE);
    if (chunk + size < w[TOP]) w[chunk + size + CHUNK_PREVIOUS] = rest;
    else w[LAST] = rest;
    linkFree(w, rest, size - words);
  }

  /** Takes a chunk from the memory that was never used; 0 if too little is left. */
  #extend(words: number): number {
    const top = this.#memory.i32[TOP];
    if (top + words > this.#memory.i32[END]) return 0;
    const w = this.#memory.i32;
    w[top + CHUNK_PREVIOUS] = this.#last();
    Atomics.store(w, top, words);
    Atomics.store(w, LAST, top);
    Atomics.store(w, TOP, top + words);
    return top;
  }

  #last(): number {
    const w = this.#memory.i32;
    return w[TOP] === w[FIRST] ? 0 : w[LAST];
  }

  #release(chunk: number): void {
    const w = this.#memory.i32;
    let size = w[chunk] & ~3;
    Atomics.store(w, chunk, size | FREE);
    const next = chunk + size;
    if (next < w[TOP] && (w[next] & FREE) !== 0) {
      const nextSize = w[next] & ~3;
      unlinkFree(w, next, nextSize);
      size += nextSize;
      Atomics.store(w, chunk, size | FREE);
      if (w[LAST] === next) w[LAST] = chunk;
    }
    const previous = w[chunk + CHUNK_PREVIOUS];
    if (previous !== 0 && (w[previous] & FREE) !== 0) {
      unlinkFree(w, previous, w[previous] & ~3);
      size += w[previous] & ~3;
      if (w[LAST] === chunk) w[LAST] = previous;
      chunk = previous;
      Atomics.store(w, chunk, size | FREE);
    }
    if (chunk + size < w[TOP]) w[chunk + size + CHUNK_PREVIOUS] = chunk;
    linkFree(w, chunk, size);
  }

  /** After a death inside: derives the lists, the back links and LAST from the chain of sizes. */
  #rebuild(): void {
    const w = this.#memory.i32;
    clearFreeLists(w);
    let previous = 0;
    for (let chunk = w[FIRST]; chunk < w[TOP]; ) {
      let size = w[chunk] & ~3;
      const free = w[chunk] & FREE;
      while (free !== 0 && chunk + size < w[TOP] && (w[chunk + size] & FREE) !== 0) size += w[chunk + size] & ~3;
      Atomics.store(w, chunk, size | free);
      w[chunk + CHUNK_PREVIOUS] = previous;
      if (free !== 0) linkFree(w, chunk, size);
      previous = chunk;
      chunk += size;
    }
    w[LAST] = previous;
  }
}

/** More than any block has, in words that still fit 31 bits when they are rounded up. */
const TOO_MANY = 0x3fff_fff0;

function chunkWords(bytes: number): number {
  if (bytes > TOO_MANY * 4) return TOO_MANY;
  return Math.max(((Math.ceil(bytes / 4) + 3) & ~3) + CHUNK_HEADER, MINIMUM);
}
