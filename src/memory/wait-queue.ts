/**
 * Who waits for what: a doubly linked list of nodes in shared memory, first come first.
 *
 * ```
 * queue  +0 LOCK  +1 HEAD  +2 TAIL  +3 COUNT
 * node   +0 STATE       0 idle, 1 waiting, 2 woken: try again, 3 handed: it is yours
 *        +1 NEXT  +2 PREVIOUS
 *        +3 QUEUE       the queue it stands in, 0 when in none
 *        +4 SLOT        of the party that waits
 *        +5 FLAGS       see below
 *        +6 READY_NEXT  link in the party's list of woken async waiters (waiters.ts)
 *        +7 GIFT        what it was handed, where that is more than "it is yours"
 * ```
 *
 * Each waiter sleeps on the STATE of its own node, so that exactly those that are meant wake up, and one that times
 * out or is aborted takes its node out of the list, or finds that it has been woken: there is no state in between.
 *
 * LOCK is a robust spin lock. HEAD and the NEXT links are the truth: each change of the list is made by one store to
 * one of them, and who takes the lock over from a dead party rebuilds the rest.
 */

import type { Memory } from './memory.ts';
import { slotOf } from './party.ts';
import { acquireSpinLock, releaseSpinLock } from './spin-lock.ts';

/** Words of a wait queue. */
export const WAIT_QUEUE_WORDS = 4;
/** Words of a node. */
export const NODE_WORDS = 8;

const LOCK = 0;
const HEAD = 1;
const TAIL = 2;
const COUNT = 3;

export const NODE_STATE = 0;
const NEXT = 1;
const PREVIOUS = 2;
export const NODE_QUEUE = 3;
const SLOT = 4;
const FLAGS = 5;
export const NODE_READY_NEXT = 6;
export const NODE_GIFT = 7;

export const IDLE = 0;
export const WAITING = 1;
export const WOKEN = 2;
export const HANDED = 3;

/** The waiter does not block its thread: it is woken through the doorbell. */
export const ASYNC = 1;
const SCAN = 16;
/** The waiter was woken and overtaken for so long that it must be served before any newcomer. */
export const STARVING = 2;
/** Only a hand-over ends the wait: there is nothing that the waiter could try for itself. */
export const PATIENT = 4;

/** What can be done to a queue in one step: see {@link WaitQueue.inOneStep}. */
export interface LockedQueue {
  /** How many wait. */
  length(): number;
  /** Puts a node of this thread at the end. */
  append(node: number, flags: number): void;
  /** Whether all that wait are alive. */
  allAlive(): boolean;
  /**
   * Hands something to the first `count` waiters, which leave the queue; the dead do not count. `gift` makes a number
   * of the place of each, from 0. Returns how many got theirs.
   */
  hand(count: number, gift: (place: number) => number): number;
}

/** Whether a node waits for a hand-over. */
export function isPatient(memory: Memory, node: number): boolean {
  return (memory.i32[node + FLAGS] & PATIENT) !== 0;
}

export class WaitQueue {
  readonly memory: Memory;
  readonly owner: object | null;
  readonly #base: number;

  /** `owner`: the object that the queue is a part of; it is not collected, and its payload held, while anybody waits. */
  constructor(memory: Memory, base: number, owner: object | null = null) {
    this.memory = memory;
    this.#base = base;
    this.owner = owner;
  }

  /** How many wait. */
  get length(): number {
    return Atomics.load(this.memory.i32, this.#base + COUNT);
  }

  /** Puts a node of this thread at the end of the queue, or at its front. */
  push(node: number, flags: number, front: boolean): void {
    const base = this.#base;
    this.#lock();
    this.#link(node, flags, front);
    releaseSpinLock(this.memory, base);
  }

  /** Called with the queue locked when a waiter has given up. */
  protected left(): void {}

  /** Takes a node out. Returns false if it is no longer in: it has been woken. */
  remove(node: number): boolean {
    this.#lock();
    const queued = this.memory.i32[node + NODE_QUEUE] === this.#base;
    if (queued) {
      this.#unlink(node);
      Atomics.store(this.memory.i32, node + NODE_STATE, IDLE);
      this.left();
    }
    releaseSpinLock(this.memory, this.#base);
    return queued;
  }

  /** Whether the node was taken out by a party that died before it could say so. */
  isOrphan(node: number): boolean {
    const w = this.memory.i32;
    if (Atomics.load(w, node + NODE_QUEUE) !== 0) return false;
    // Whoever is at it has finished, or is dead, once the lock has been ours.
    return !this.remove(node) && Atomics.load(w, node + NODE_STATE) === WAITING;
  }

  /** Wakes the first `count` waiters, each to try again; returns how many were woken. */
  wake(count: number): number {
    if (this.length === 0) return 0;
    const woken: number[] = [];
    this.#lock();
    for (let node = this.#head(); node !== 0 && woken.length < count; node = this.#head()) {
      woken.push(this.#take(node, WOKEN));
    }
    this.#wakeOneThatBlocks(woken);
    releaseSpinLock(this.memory, this.#base);
    for (const node of woken) this.#rouse(node);
    return woken.length;
  }

  /**
   * Wakes the first waiter, in one step with a change of the state that it waits for: `change` is called with the
   * queue locked, with the first node (0 if there is none) and whether others stand behind it, and returns the state
   * to wake it in.
   */
  wakeFirst(change: (node: number, more: boolean) => number): void {
    const woken: number[] = [];
    this.#lock();
    const node = this.#head();
    const state = change(node, node !== 0 && this.memory.i32[node + NEXT] !== 0);
    if (node !== 0) woken.push(this.#take(node, state));
    if (state === WOKEN) this.#wakeOneThatBlocks(woken);
    releaseSpinLock(this.memory, this.#base);
    for (const node of woken) this.#rouse(node);
  }

  /** Runs `step` with the queue locked; whom it hands something is woken when the queue is free again. */
  inOneStep<R>(step: (queue: LockedQueue) => R): R {
    const w = this.memory.i32;
    const handed: number[] = [];
    const present = new Map<number, boolean>();
    const isPresent = (node: number): boolean => {
      const slot = w[node + SLOT];
      let known = present.get(slot);
      if (known === undefined) {
        known = this.memory.parties.isPresent(this.memory.parties.idAt(slot));
        present.set(slot, known);
      }
      return known;
    };
    this.#lock();
    try {
      return step({
        length: () => w[this.#base + COUNT],
        append: (node, flags) => this.#link(node, flags, false),
        allAlive: () => {
          for (let node = this.#head(); node !== 0; node = w[node + NEXT]) if (!isPresent(node)) return false;
          return true;
        },
        hand: (count, gift) => {
          let place = 0;
          for (let node = this.#head(); node !== 0 && place < count; node = this.#head()) {
            if (!isPresent(node)) {
              this.#take(node, IDLE);
              continue;
            }
            w[node + NODE_GIFT] = gift(place++);
            handed.push(this.#take(node, HANDED));
          }
          return place;
        },
      });
    } finally {
      releaseSpinLock(this.memory, this.#base);
      for (const node of handed) this.#rouse(node);
    }
  }

  /** The party that a node belongs to, 0 if it is gone. */
  partyOf(node: number): number {
    return this.memory.parties.idAt(this.memory.i32[node + SLOT]);
  }

  /**
   * Whether the waiter must be served before newcomers. Never true of one that does not block: its thread may be
   * blocked elsewhere, perhaps behind the very thing that it would be handed.
   */
  isStarving(node: number): boolean {
    return (this.memory.i32[node + FLAGS] & (STARVING | ASYNC)) === STARVING;
  }

  #link(node: number, flags: number, front: boolean): void {
    const base = this.#base;
    const w = this.memory.i32;
    w[node + SLOT] = slotOf(this.memory.parties.self);
    w[node + FLAGS] = flags;
    Atomics.store(w, node + NODE_STATE, WAITING);
    Atomics.store(w, node + NODE_QUEUE, base);
    const head = w[base + HEAD];
    const tail = w[base + TAIL];
    if (front && head !== 0) {
      w[node + NEXT] = head;
      w[node + PREVIOUS] = 0;
      Atomics.store(w, base + HEAD, node);
      w[head + PREVIOUS] = node;
    } else {
      w[node + NEXT] = 0;
      w[node + PREVIOUS] = tail;
      Atomics.store(w, tail === 0 ? base + HEAD : tail + NEXT, node);
      w[base + TAIL] = node;
    }
    Atomics.add(w, base + COUNT, 1);
  }

  #head(): number {
    return this.memory.i32[this.#base + HEAD];
  }

  #take(node: number, state: number): number {
    this.#unlink(node);
    Atomics.store(this.memory.i32, node + NODE_STATE, state);
    return node;
  }

  /** An async waiter acts when its event loop turns, which may be late: somebody who acts at once is woken with it. */
  #wakeOneThatBlocks(woken: number[]): void {
    const w = this.memory.i32;
    if (woken.every((node) => (w[node + FLAGS] & ASYNC) === 0)) return;
    let node = this.#head();
    for (let i = 0; i < SCAN && node !== 0; i++, node = w[node + NEXT]) {
      if ((w[node + FLAGS] & ASYNC) !== 0) continue;
      woken.push(this.#take(node, WOKEN));
      return;
    }
  }

  #rouse(node: number): void {
    const w = this.memory.i32;
    if ((w[node + FLAGS] & ASYNC) === 0) this.memory.wake(node + NODE_STATE, 1);
    else this.memory.waiters.rouse(node, w[node + SLOT]);
  }

  #unlink(node: number): void {
    const w = this.memory.i32;
    const base = this.#base;
    const next = w[node + NEXT];
    const previous = w[node + PREVIOUS];
    Atomics.store(w, previous === 0 ? base + HEAD : previous + NEXT, next);
    if (next !== 0) w[next + PREVIOUS] = previous;
    else w[base + TAIL] = previous;
    Atomics.sub(w, base + COUNT, 1);
    Atomics.store(w, node + NODE_QUEUE, 0);
  }

  #lock(): void {
    if (acquireSpinLock(this.memory, this.#base + LOCK)) this.#repair();
  }

  /** After a death with the lock held: derives TAIL, COUNT and the back links from HEAD and NEXT. */
  #repair(): void {
    const w = this.memory.i32;
    let previous = 0;
    let count = 0;
    for (let node = w[this.#base + HEAD]; node !== 0; node = w[node + NEXT]) {
      w[node + PREVIOUS] = previous;
      previous = node;
      count++;
    }
    w[this.#base + TAIL] = previous;
    Atomics.store(w, this.#base + COUNT, count);
  }
}
