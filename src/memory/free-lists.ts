/**
 * The free chunks of a heap (heap.ts), in lists by length: two-level segregated fit (Masmano, Ripoll, Crespo, Real:
 * "TLSF: a new dynamic memory allocator for real-time systems", 2004). A class is a power of two, cut into sub-classes
 * of equal width; a bit for each class and for each sub-class says whether anything is in it. So a chunk is found, put
 * in and taken out in constant time.
 *
 * ```
 * control     +4 CLASSES bitmap  +5.. SUBCLASSES a bitmap for each class  +35.. HEADS of the lists
 * free chunk  +0 SIZE (heap.ts)  +4 NEXT_FREE  +5 PREVIOUS_FREE  of the same list; 0 at its ends
 * ```
 *
 * Who calls holds the heap's lock. After a death inside nothing of this is trusted: it is made anew from the chunks.
 */

import { HEAP_CONTROL } from './layout.ts';

const CLASSES = HEAP_CONTROL + 4;
const SUBCLASSES = HEAP_CONTROL + 5;

const NEXT_FREE = 4;
const PREVIOUS_FREE = 5;

const FITTING_TRIES = 4;
const SUB_BITS = 3;
const SUBS = 1 << SUB_BITS;
/** As many powers of two as the largest block has in words. */
const CLASS_COUNT = 30;
const HEADS = SUBCLASSES + CLASS_COUNT;
/** The word after the last of the heads. */
export const FREE_LISTS_END = HEADS + CLASS_COUNT * SUBS;

/** A free chunk of at least `words` words, which stays in its list; 0 if there is none. */
export function findFree(w: Int32Array, words: number): number {
  return findFitting(w, words) || findLonger(w, words);
}

/** Looks at a few chunks of the very class of `words`, whose last user asked for about as much. */
function findFitting(w: Int32Array, words: number): number {
  const level = 31 - Math.clz32(words);
  let chunk = w[HEADS + level * SUBS + subclass(words, level)];
  for (let i = 0; i < FITTING_TRIES && chunk !== 0; i++, chunk = w[chunk + NEXT_FREE]) {
    if ((w[chunk] & ~3) >= words) return chunk;
  }
  return 0;
}

/** Takes the first class of which every chunk is long enough. */
function findLonger(w: Int32Array, words: number): number {
  const rounded = words + (1 << Math.max(31 - Math.clz32(words) - SUB_BITS, 0)) - 1;
  let level = 31 - Math.clz32(rounded);
  if (level >= CLASS_COUNT) return 0;
  let subs = w[SUBCLASSES + level] & (-1 << subclass(rounded, level));
  if (subs === 0) {
    const classes = w[CLASSES] & (-2 << level);
    if (classes === 0) return 0;
    level = lowestBit(classes);
    subs = w[SUBCLASSES + level];
  }
  return w[HEADS + level * SUBS + lowestBit(subs)];
}

/** Puts a free chunk into the list of its class. */
export function linkFree(w: Int32Array, chunk: number, size: number): void {
  const level = 31 - Math.clz32(size);
  const sub = subclass(size, level);
  const head = HEADS + level * SUBS + sub;
  const next = w[head];
  w[chunk + NEXT_FREE] = next;
  w[chunk + PREVIOUS_FREE] = 0;
  if (next !== 0) w[next + PREVIOUS_FREE] = chunk;
  w[head] = chunk;
  w[SUBCLASSES + level] |= 1 << sub;
  w[CLASSES] |= 1 << level;
}

/** Takes a chunk out of its list. */
export function unlinkFree(w: Int32Array, chunk: number, size: number): void {
  const next = w[chunk + NEXT_FREE];
  const previous = w[chunk + PREVIOUS_FREE];
  if (next !== 0) w[next + PREVIOUS_FREE] = previous;
  if (previous !== 0) {
    w[previous + NEXT_FREE] = next;
    return;
  }
  const level = 31 - Math.clz32(size);
  const sub = subclass(size, level);
  w[HEADS + level * SUBS + sub] = next;
  if (next !== 0) return;
  w[SUBCLASSES + level] &= ~(1 << sub);
  if (w[SUBCLASSES + level] === 0) w[CLASSES] &= ~(1 << level);
}

/** No chunk is in any list. */
export function clearFreeLists(w: Int32Array): void {
  w.fill(0, CLASSES, FREE_LISTS_END);
}

/** All chunks that are in a list. */
export function listedFree(w: Int32Array): Set<number> {
  const listed = new Set<number>();
  for (let head = HEADS; head < FREE_LISTS_END; head++) {
    for (let chunk = w[head]; chunk !== 0; chunk = w[chunk + NEXT_FREE]) listed.add(chunk);
  }
  return listed;
}

function subclass(size: number, level: number): number {
  return level < SUB_BITS ? 0 : (size >>> (level - SUB_BITS)) & (SUBS - 1);
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
