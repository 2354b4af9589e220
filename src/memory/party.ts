/**
 * The parties of a block: one slot for each thread, of whatever process, that uses it.
 *
 * ```
 * slot  +0 USE         bits 0 and 1: 0 free, 1 being claimed, 2 in use, 3 being buried; above them the generation: which
 *                      use of the slot this is, which goes up at each claim, at each `renew` and at each burial
 *       +2 PID  +3 TID  +4 STARTED   of the kernel's thread; STARTED tells a reused TID from the first one
 *       +5 READY       async waiters of this thread that were woken: a stack of nodes (waiters.ts); its doorbell
 *       +6 DOORBELL    system block: the descriptor that a byte is written to, plus 1
 *       +7 HOLDINGS    what this thread holds (holdings.ts)
 *       +8 SLABS       the blocks that its async nodes are cut from (waiters.ts); the slot's next user inherits them
 *       +9 EPITAPH     party that buries this one, 0 if nobody does; a lock, which goes over when its holder dies
 *      +10 COMPANION   a thread of the process that is gone as soon as this one is (see isPresent)
 *      +11 .. +14      what this thread waits for, while deadlocks are detected (sync/deadlock.ts)
 *      +16 NODE        the node with which the thread waits when it blocks (wait-queue.ts)
 * ```
 *
 * A party's id is `generation << 12 | slot`: 29 bits, never 0, so that it fits a lock word beside two flags. An id is
 * dead when the slot has moved on to another generation, or when the kernel no longer has the thread. A thread that
 * runs one `Thread` after another (a warm worker) takes a new generation for each: what the last one held is then
 * held by a dead party.
 *
 * Nobody tells when a process is killed. Who depends on a party looks it up in `/proc`, which takes 20 microseconds:
 * waiters do so at every beat of their wait, never on a fast path.
 */

import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { platform } from 'node:process';
import { MemoryError } from '../errors.ts';
import { PARTY_HIGH, PARTY_SLOTS, PARTY_TABLE, PARTY_WORDS } from './layout.ts';
import type { Memory } from './memory.ts';

const PID = 2;
const TID = 3;
const STARTED = 4;
export const PARTY_READY = 5;
export const PARTY_DOORBELL = 6;
export const PARTY_HOLDINGS = 7;
export const PARTY_SLABS = 8;
const EPITAPH = 9;
const COMPANION = 10;
export const PARTY_NODE = 16;

const FREE = 0;
const CLAIMING = 1;
const IN_USE = 2;
const BURYING = 3;
const STATE_BITS = 2;
const STATE_MASK = (1 << STATE_BITS) - 1;

const SLOT_BITS = 12;
const SLOT_MASK = (1 << SLOT_BITS) - 1;
const GENERATION_MASK = (1 << 17) - 1;

/** The slot number in a party's id. */
export function slotOf(id: number): number {
  return id & SLOT_MASK;
}

export class Parties {
  readonly #memory: Memory;
  /** This thread's id. */
  self = 0;
  /** First word of this thread's slot. */
  base = 0;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Claims a slot for this thread. */
  register(): void {
    const w = this.#memory.i32;
    for (let slot = 1; slot < PARTY_SLOTS; slot++) {
      const base = this.at(slot);
      const before = Atomics.load(w, base);
      if (stateOf(before) !== FREE) continue;
      if (Atomics.compareExchange(w, base, before, useOf(generationOf(before), CLAIMING)) !== before) continue;
      const tid = kernelThreadId();
      w[base + PID] = process.pid;
      w[base + TID] = tid;
      w[base + STARTED] = startTime(process.pid, tid);
      w[base + COMPANION] = companionOf(tid);
      w.fill(0, base + PARTY_READY, base + PARTY_SLABS);
      w.fill(0, base + COMPANION + 1, base + PARTY_NODE);
      w.fill(0, base + PARTY_NODE, base + PARTY_WORDS);
      const generation = nextGeneration(generationOf(before));
      for (let high = Atomics.load(w, PARTY_HIGH); high < slot; high = Atomics.load(w, PARTY_HIGH)) {
        Atomics.compareExchange(w, PARTY_HIGH, high, slot);
      }
      Atomics.store(w, base, useOf(generation, IN_USE));
      this.base = base;
      this.self = (generation << SLOT_BITS) | slot;
      return;
    }
    throw new MemoryError(`more than ${PARTY_SLOTS - 1} threads use the ${this.#memory.kind} shared memory at once`);
  }

  /** Ends this thread's identity and begins the next: all that was held under the old one is held by a dead party. */
  renew(): number {
    const generation = nextGeneration(generationOf(Atomics.load(this.#memory.i32, this.base)));
    Atomics.store(this.#memory.i32, this.base, useOf(generation, IN_USE));
    this.self = (generation << SLOT_BITS) | slotOf(this.self);
    return this.self;
  }

  /** First word of a slot. */
  at(slot: number): number {
    return PARTY_TABLE + slot * PARTY_WORDS;
  }

  /** The kernel's numbers of a party. */
  kernelIds(id: number): { pid: number; tid: number } {
    const base = this.at(slotOf(id));
    return { pid: this.#memory.i32[base + PID], tid: this.#memory.i32[base + TID] };
  }

  /** The current id in a slot, 0 if nobody is there. */
  idAt(slot: number): number {
    const use = Atomics.load(this.#memory.i32, this.at(slot));
    return stateOf(use) === IN_USE ? (generationOf(use) << SLOT_BITS) | slot : 0;
  }

  /** Whether the party still runs. A stopped (SIGSTOP) or slow one does. */
  isAlive(id: number): boolean {
    if (id === this.self) return true;
    const w = this.#memory.i32;
    const base = this.at(slotOf(id));
    if (Atomics.load(w, base) !== useOf(id >>> SLOT_BITS, IN_USE)) return false;
    return isRunning(w[base + PID], w[base + TID], w[base + STARTED]);
  }

  /**
   * Whether the party still runs, by a quick look (1 microsecond where {@link isAlive} takes 10): wrong only if the
   * kernel has given the number of an ended thread to another thread of the same process.
   */
  isPresent(id: number): boolean {
    if (id === this.self) return true;
    if (id === 0 || this.idAt(slotOf(id)) !== id) return false;
    const w = this.#memory.i32;
    const base = this.at(slotOf(id));
    if (platform === 'linux' && existsSync(`/proc/${w[base + PID]}/task/${w[base + COMPANION]}`)) return true;
    return this.isAlive(id);
  }

  /** Whether the party is known to have ended, without asking the kernel: its slot has been given to somebody else. */
  hasMovedOn(id: number): boolean {
    return generationOf(Atomics.load(this.#memory.i32, this.at(slotOf(id)))) !== id >>> SLOT_BITS;
  }

  /** Every slot in use whose thread is gone is given to `bury` and then set free. `pid`: only that process's. */
  sweep(bury: (slot: number) => void, pid = 0): void {
    const w = this.#memory.i32;
    const high = Atomics.load(w, PARTY_HIGH);
    for (let slot = 1; slot <= high; slot++) {
      const base = this.at(slot);
      const use = Atomics.load(w, base);
      if ((stateOf(use) !== IN_USE && stateOf(use) !== BURYING) || base === this.base) continue;
      if (pid !== 0 && w[base + PID] !== pid) continue;
      if (isRunning(w[base + PID], w[base + TID], w[base + STARTED])) continue;
      this.#bury(slot, use, bury);
    }
  }

  /** This thread leaves the block, in order. */
  leave(bury: (slot: number) => void): void {
    if (this.base === 0) return;
    this.#bury(slotOf(this.self), Atomics.load(this.#memory.i32, this.base), bury);
    this.base = 0;
  }

  /**
   * Buries the party that uses a slot. `use`: what the slot's word was before that party was found to be gone. Since
   * then another may have buried it, and the slot may have been claimed anew by a party that lives.
   */
  #bury(slot: number, use: number, bury: (slot: number) => void): void {
    const w = this.#memory.i32;
    const base = this.at(slot);
    const other = Atomics.load(w, base + EPITAPH);
    // Somebody is at it already, or died over it.
    if (other !== 0 && this.isAlive(other)) return;
    if (Atomics.compareExchange(w, base + EPITAPH, other, this.self) !== other) return;
    const { self } = this;
    const taken = stateOf(use) === BURYING ? use : useOf(nextGeneration(generationOf(use)), BURYING);
    if (Atomics.compareExchange(w, base, use, taken) === use) {
      bury(slot);
      Atomics.store(w, base, useOf(generationOf(taken), FREE));
    }
    Atomics.compareExchange(w, base + EPITAPH, self, 0);
  }
}

function stateOf(use: number): number {
  return use & STATE_MASK;
}

function generationOf(use: number): number {
  return use >>> STATE_BITS;
}

function useOf(generation: number, state: number): number {
  return (generation << STATE_BITS) | state;
}

function nextGeneration(generation: number): number {
  return (generation + 1) & GENERATION_MASK || 1;
}

/** The kernel's id of this thread; where there is no `/proc`, Node's number of it. */
export function kernelThreadId(): number {
  try {
    const link = readlinkSync('/proc/thread-self');
    return Number(link.slice(link.lastIndexOf('/') + 1));
  } catch {
    return process.getBuiltinModule('node:worker_threads').threadId;
  }
}

/**
 * A thread's entry in `/proc` goes when it ends, but that of a process's first thread stays until the parent has asked
 * for the status: for that one, any other thread of the process is looked at.
 */
function companionOf(tid: number): number {
  if (platform !== 'linux' || tid !== process.pid) return tid;
  return Number(readdirSync('/proc/self/task').find((other) => Number(other) !== tid) ?? tid);
}

/** When the kernel started the thread, in clock ticks since boot (31 bits of it); 0 if unknown, -1 if it has ended. */
function startTime(pid: number, tid: number): number {
  if (platform !== 'linux') return 0;
  try {
    const stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Z: a zombie that its parent has not asked about yet; X: on its way out.
    if (fields[0] === 'Z' || fields[0] === 'X') return -1;
    return Number(fields[19]) & 0x7fff_ffff;
  } catch {
    return -1;
  }
}

function isRunning(pid: number, tid: number, started: number): boolean {
  if (platform === 'linux') return startTime(pid, tid) === started;
  if (pid === process.pid) return true; // threads of this process say themselves when they end
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
