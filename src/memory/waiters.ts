/**
 * The waiters of this thread that do not block it, in one block of memory.
 *
 * Each has a node, cut from slabs that hang on the party's slot. Who wakes one pushes its node on the party's READY
 * stack and, if the stack was empty, rings its doorbell; the thread's event loop then takes the whole stack at once
 * (a Treiber stack with one consumer). So a thread with ten thousand waiting promises has one doorbell, and an abort
 * leaves nothing behind in anybody's list of sleepers.
 *
 * ```
 * slab  +0 NEXT slab of this party   +8.. nodes of NODE_WORDS words
 * ```
 *
 * While anybody waits, a timer beats: it keeps the event loop alive (a pending promise alone would let the program
 * exit), and at each beat every waiter looks whether what it depends on has died.
 */

import { outsideFlows } from './flow.ts';
import type { Memory } from './memory.ts';
import { PARTY_READY, PARTY_SLABS, slotOf } from './party.ts';
import { isPatient, NODE_QUEUE, NODE_READY_NEXT, NODE_STATE, NODE_WORDS, WAITING, WaitQueue } from './wait-queue.ts';

const SLAB_NODES = 32;
const BEAT_MILLISECONDS = 200;

/** What happens to an async waiter. */
export interface Listener {
  /** Its node was taken out of the queue and woken. */
  woken(): void;
  /** A beat passed. */
  beat(): void;
  /** Whether it keeps the program alive. */
  readonly ref: boolean;
}

export class Waiters {
  readonly #memory: Memory;
  readonly #pending = new Map<number, Listener>();
  readonly #vacant: number[] = [];
  /** Nodes whose waiter has gone, but that a waker still has in hand. */
  readonly #stale = new Set<number>();
  #refs = 0;
  #timer: NodeJS.Timeout | null = null;
  #listening = false;
  #drainQueued = false;

  constructor(memory: Memory) {
    this.#memory = memory;
    for (let slab = memory.i32[memory.parties.base + PARTY_SLABS]; slab !== 0; slab = memory.i32[slab]) {
      this.#cut(slab);
    }
  }

  /** A node for an async waiter; its listener is called from this thread's event loop. */
  add(listener: Listener): number {
    this.listen();
    const node = this.#vacant.pop() ?? this.#grow();
    this.#pending.set(node, listener);
    if (listener.ref) this.#refs++;
    this.#adjustTimer();
    return node;
  }

  /** From now on the event loop tells of waiters that were woken. */
  listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    outsideFlows(() => this.#memory.listen(() => this.drain()));
  }

  /** The waiter has what it wants, or has given up. `inHand`: its node was woken, but that has not arrived yet. */
  remove(node: number, inHand: boolean): void {
    const listener = this.#pending.get(node);
    if (listener === undefined) return;
    this.#pending.delete(node);
    if (listener.ref) this.#refs--;
    if (inHand) this.#stale.add(node);
    else this.#vacant.push(node);
    this.#adjustTimer();
  }

  /** Wakes the async waiter of any party: its node has left its queue. */
  rouse(node: number, slot: number): void {
    const w = this.#memory.i32;
    const ready = this.#memory.parties.at(slot) + PARTY_READY;
    let first = Atomics.load(w, ready);
    for (;;) {
      Atomics.store(w, node + NODE_READY_NEXT, first);
      const seen = Atomics.compareExchange(w, ready, first, node);
      if (seen === first) break;
      first = seen;
    }
    if (first !== 0) return;
    if (slot !== slotOf(this.#memory.parties.self)) this.#memory.ring(slot);
    else if (!this.#drainQueued) {
      this.#drainQueued = true;
      queueMicrotask(() => this.drain());
    }
  }

  /** Tells the waiters that were woken; called by the event loop, and by who blocks it and waits with others. */
  drain(): void {
    this.#drainQueued = false;
    const w = this.#memory.i32;
    const ready = this.#memory.parties.base + PARTY_READY;
    const woken: number[] = [];
    for (let node = Atomics.exchange(w, ready, 0); node !== 0; node = w[node + NODE_READY_NEXT]) woken.push(node);
    for (const node of woken.reverse()) {
      if (this.#stale.delete(node)) this.#vacant.push(node);
      else this.#pending.get(node)?.woken();
    }
  }

  /** A beat for every waiter of this thread. */
  beat(): void {
    this.drain();
    for (const [node, listener] of [...this.#pending]) if (this.#pending.get(node) === listener) listener.beat();
  }

  #adjustTimer(): void {
    if (this.#pending.size === 0) {
      if (this.#timer !== null) clearInterval(this.#timer);
      this.#timer = null;
      return;
    }
    this.#timer ??= outsideFlows(() => setInterval(() => this.beat(), BEAT_MILLISECONDS).unref());
    if (this.#refs > 0) this.#timer.ref();
    else this.#timer.unref();
  }

  #grow(): number {
    const memory = this.#memory;
    const slab = memory.heap.allocate((SLAB_NODES * NODE_WORDS + NODE_WORDS) * 4);
    const w = memory.i32;
    w[slab] = w[memory.parties.base + PARTY_SLABS];
    Atomics.store(w, memory.parties.base + PARTY_SLABS, slab);
    this.#cut(slab);
    return this.#vacant.pop() as number;
  }

  #cut(slab: number): void {
    for (let i = SLAB_NODES; i > 0; i--) this.#vacant.push(slab + i * NODE_WORDS);
  }
}

/** Takes every node of a dead party out of the queue that it stands in. */
export function buryWaiters(memory: Memory, slot: number, blockingNode: number): void {
  removeFromQueue(memory, blockingNode);
  for (let slab = memory.i32[memory.parties.at(slot) + PARTY_SLABS]; slab !== 0; slab = memory.i32[slab]) {
    for (let i = 1; i <= SLAB_NODES; i++) removeFromQueue(memory, slab + i * NODE_WORDS);
  }
}

function removeFromQueue(memory: Memory, node: number): void {
  const base = Atomics.load(memory.i32, node + NODE_QUEUE);
  if (base === 0) return;
  const queue = new WaitQueue(memory, base);
  if (!queue.remove(node)) return;
  // It may have been woken for something that it never got to take. (Who waits for a hand-over is never just woken.)
  if (!isPatient(memory, node)) queue.wake(1);
}

/** Whether a node still waits in a queue. */
export function isQueued(memory: Memory, node: number): boolean {
  return Atomics.load(memory.i32, node + NODE_STATE) === WAITING && Atomics.load(memory.i32, node + NODE_QUEUE) !== 0;
}
