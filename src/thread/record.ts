/**
 * What all threads of the program know of each thread: its record in the local block, in a list of those that live.
 *
 * ```
 *  +0 STATE      0 new, 1 started, 2 running, 3 ended
 *  +1 IDENT      +2 NATIVE   the kernel's number, 0 until it runs
 *  +3 DAEMON     +4 NAME     a text (text.ts)
 *  +5 NEXT       +6 PREVIOUS in the list of threads that have started and not ended
 *  +7 ENDED      wait queue of those that join
 * +11 PARTY      the identity under which it runs (party.ts), 0 until it does
 * +12 JOB        parcel of what it has to run
 * +13 BIRTH      kernel's number that the creator saw its worker begin with, until it has a party
 * +14 KIND       0 started by us, 1 the main thread, 2 a thread that somebody else started
 * ```
 *
 * THREADS_LOCK guards the list and the names. The list counts each record up.
 */

import { existsSync } from 'node:fs';
import { platform } from 'node:process';
import { Place } from '../memory/handle.ts';
import { IDENT_COUNTER, NON_DAEMON, NON_DAEMON_QUEUE, THREADS_HEAD, THREADS_LOCK } from '../memory/layout.ts';
import { localMemory } from '../memory/local-memory.ts';
import { acquireSpinLock, releaseSpinLock } from '../memory/spin-lock.ts';
import { loadText, storeText } from '../memory/text.ts';
import { WaitQueue } from '../memory/wait-queue.ts';

const STATE = 0;
const IDENT = 1;
const NATIVE = 2;
const DAEMON = 3;
const NAME = 4;
const NEXT = 5;
const PREVIOUS = 6;
const ENDED_QUEUE = 7;
const PARTY = 11;
const JOB = 12;
const BIRTH = 13;
const KIND = 14;
const BYTES = 15 * 4;

export const NEW = 0;
export const STARTED = 1;
export const RUNNING = 2;
export const ENDED = 3;

export const MAIN_THREAD = 1;
export const FOREIGN_THREAD = 2;

/** A view of one thread's record. */
export class ThreadRecord {
  readonly place: Place;
  readonly ended: WaitQueue;
  readonly #at: number;

  /** `handle`: the object that holds the record; it lives on while somebody joins. */
  constructor(place: Place, handle: object | null = null) {
    this.place = place;
    this.#at = place.base;
    this.ended = new WaitQueue(place.memory, place.base + ENDED_QUEUE, handle);
  }

  static create(name: string, daemon: boolean): Place {
    const memory = localMemory();
    const place = Place.fresh(memory, BYTES);
    memory.i32[place.base + NAME] = storeText(memory, name);
    memory.i32[place.base + DAEMON] = daemon ? 1 : 0;
    return place;
  }

  get state(): number {
    return this.#load(STATE);
  }

  get ident(): number {
    return this.#load(IDENT);
  }

  get native(): number {
    return this.#load(NATIVE);
  }

  get daemon(): boolean {
    return this.#load(DAEMON) === 1;
  }

  set daemon(daemon: boolean) {
    Atomics.store(localMemory().i32, this.#at + DAEMON, daemon ? 1 : 0);
  }

  get party(): number {
    return this.#load(PARTY);
  }

  get kind(): number {
    return this.#load(KIND);
  }

  get name(): string {
    const memory = localMemory();
    lockThreads();
    try {
      return loadText(memory, memory.i32[this.#at + NAME]);
    } finally {
      unlockThreads();
    }
  }

  set name(name: string) {
    const memory = localMemory();
    const text = storeText(memory, name);
    lockThreads();
    const before = memory.i32[this.#at + NAME];
    Atomics.store(memory.i32, this.#at + NAME, text);
    unlockThreads();
    if (before !== 0) memory.heap.free(before);
  }

  /** Claims the one start of the thread, with an identity. Returns false if it was started before. */
  claimStart(): boolean {
    const w = localMemory().i32;
    if (Atomics.compareExchange(w, this.#at + STATE, NEW, STARTED) !== NEW) return false;
    Atomics.store(w, this.#at + IDENT, newIdent());
    return true;
  }

  /** Enters the list of live threads, with what it has to run. */
  enlist(job: number, kind = 0): void {
    const memory = localMemory();
    const w = memory.i32;
    Atomics.store(w, this.#at + JOB, job);
    Atomics.store(w, this.#at + KIND, kind);
    memory.holdings.retain(this.#at);
    if (!this.daemon && kind === 0) Atomics.add(w, NON_DAEMON, 1);
    lockThreads();
    const head = w[THREADS_HEAD];
    w[this.#at + NEXT] = head;
    w[this.#at + PREVIOUS] = 0;
    Atomics.store(w, THREADS_HEAD, this.#at);
    if (head !== 0) w[head + PREVIOUS] = this.#at;
    unlockThreads();
  }

  /** Undoes {@link enlist} and {@link claimStart}: the thread could not be started. */
  retract(): void {
    this.#leaveList();
    Atomics.store(localMemory().i32, this.#at + STATE, NEW);
    Atomics.store(localMemory().i32, this.#at + IDENT, 0);
  }

  /** The calling thread runs it from now on. Returns the parcel of its job. */
  begin(party: number, native: number): number {
    const w = localMemory().i32;
    Atomics.store(w, this.#at + NATIVE, native);
    Atomics.store(w, this.#at + PARTY, party);
    Atomics.store(w, this.#at + STATE, RUNNING);
    this.ended.wake(Number.POSITIVE_INFINITY); // who waits for the kernel's number looks again
    return Atomics.exchange(w, this.#at + JOB, 0);
  }

  /** Notes the kernel thread that its worker began as. */
  noteBirth(tid: number): void {
    Atomics.store(localMemory().i32, this.#at + BIRTH, tid);
  }

  /** It has ended, in whatever way: wakes all who join. Only the first call does anything. */
  end(): void {
    const memory = localMemory();
    const w = memory.i32;
    for (let state = this.state; state !== ENDED; state = this.state) {
      if (Atomics.compareExchange(w, this.#at + STATE, state, ENDED) !== state) continue;
      const job = Atomics.exchange(w, this.#at + JOB, 0);
      if (job !== 0) memory.holdings.release(job);
      this.ended.wake(Number.POSITIVE_INFINITY);
      this.#leaveList();
      return;
    }
  }

  /** Ends the record of a thread that died without a word. Returns whether it has ended. */
  endIfDead(): boolean {
    const state = this.state;
    if (state === ENDED) return true;
    if (state === NEW || this.kind === MAIN_THREAD) return false;
    const party = this.party;
    if (party === 0 ? isBorn(this.#load(BIRTH)) : localMemory().parties.isAlive(party)) return false;
    this.end();
    return true;
  }

  #leaveList(): void {
    const memory = localMemory();
    const w = memory.i32;
    lockThreads();
    const next = w[this.#at + NEXT];
    const previous = w[this.#at + PREVIOUS];
    if (previous !== 0) Atomics.store(w, previous + NEXT, next);
    else if (w[THREADS_HEAD] === this.#at) Atomics.store(w, THREADS_HEAD, next);
    if (next !== 0) w[next + PREVIOUS] = previous;
    unlockThreads();
    if (!this.daemon && this.kind === 0 && Atomics.sub(w, NON_DAEMON, 1) === 1) {
      new WaitQueue(memory, NON_DAEMON_QUEUE).wake(Number.POSITIVE_INFINITY);
    }
    memory.holdings.release(this.#at);
  }

  #load(word: number): number {
    return Atomics.load(localMemory().i32, this.#at + word);
  }
}

/**
 * Does something with the records of the threads that have started and not ended, the first first. They are counted
 * up meanwhile: each may end, and its record be let go of, at any time.
 */
export function withThreads<R>(use: (threads: ThreadRecord[]) => R): R {
  const memory = localMemory();
  const found: number[] = [];
  lockThreads();
  for (let at = memory.i32[THREADS_HEAD]; at !== 0; at = memory.i32[at + NEXT]) {
    found.push(at);
    memory.holdings.retain(at);
  }
  unlockThreads();
  try {
    return use(found.reverse().map((at) => new ThreadRecord(new Place(memory, at))));
  } finally {
    for (const at of found) memory.holdings.release(at);
  }
}

/** A number that no thread of this program has had. */
export function newIdent(): number {
  return Atomics.add(localMemory().i32, IDENT_COUNTER, 1) + 1;
}

export function lockThreads(): void {
  const memory = localMemory();
  if (acquireSpinLock(memory, THREADS_LOCK)) repairList();
}

export function unlockThreads(): void {
  releaseSpinLock(localMemory(), THREADS_LOCK);
}

/** After a death with the lock held: the NEXT links are the truth. */
function repairList(): void {
  const w = localMemory().i32;
  for (let previous = 0, at = w[THREADS_HEAD]; at !== 0; previous = at, at = w[at + NEXT]) w[at + PREVIOUS] = previous;
}

/** Whether a worker that has not reported yet may still be on its way. */
function isBorn(tid: number): boolean {
  return tid === 0 || platform !== 'linux' || existsSync(`/proc/self/task/${tid}`);
}
