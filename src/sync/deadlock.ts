/**
 * Deadlock detection: who waits for whom, in shared memory, and a search for a cycle before anybody starts to wait.
 *
 * ```
 * party slot +11 WAITS_FOR   first word of the mutex that the thread blocks for, 0: none
 *            +12 WAIT_TEXT   who and where: a text (below)
 *            +13 WAITS_ON    system block: kernel's number of the thread of the same process that it waits on, when it
 *                            blocks for a lock of the local block, which other processes cannot see
 *            +14 WAIT_COUNT  goes up with each wait
 * mutex      +5 HOLD_TEXT    who acquired it and where   +6 HOLD_PARTY whose text that is
 * ```
 *
 * A lock has at most one owner and a thread blocks for at most one lock, so that the graph is a chain from each thread,
 * and a search follows one chain. It is the lock waits of threads only: a flow that awaits a lock does not block its
 * thread, and who waits with a time-out will give up.
 *
 * Who is about to wait says so first and searches second, and only one at a time does: of those that close a cycle
 * together exactly one finds it. Locks change hands during a search, so that a chain counts only if a second look finds
 * it unchanged; a thread whose WAIT_COUNT is the same has been waiting all the time and can neither have released nor
 * acquired anything. (The double collect of Afek et al., "Atomic snapshots of shared memory", 1993.)
 *
 * Texts are made once for each thread and place in the code and are never freed, so that a reader needs no lock.
 */

import { DeadlockError, NotImplementedError } from '../errors.ts';
import { DEADLOCK_DETECTION, DEADLOCK_LOCK, PARTY_HIGH } from '../memory/layout.ts';
import { localMemory } from '../memory/local-memory.ts';
import type { Memory } from '../memory/memory.ts';
import { kernelThreadId, slotOf } from '../memory/party.ts';
import { acquireSpinLock, releaseSpinLock } from '../memory/spin-lock.ts';
import { systemMemory, usesSystemMemory } from '../memory/system-memory.ts';
import { loadText, storeText } from '../memory/text.ts';
import { callSite, whoIsHere } from './call-site.ts';

const WAITS_FOR = 11;
const WAIT_TEXT = 12;
const WAITS_ON = 13;
const WAIT_COUNT = 14;
const HOLD_TEXT = 5;
const HOLD_PARTY = 6;

/** A lock that can be watched: its first word is `owner << 1 | flag`. */
export interface Watched {
  readonly memory: Memory;
  readonly base: number;
  readonly name: string;
}

/** One wait of a cycle. */
export interface DeadlockWait {
  /** The thread and process that wait. */
  waiter: string;
  lock: string;
  /** `file:line:column` of the wait. */
  awaitedAt: string;
  /** The thread and process that have the lock. */
  holder: string;
  /** `file:line:column` at which the holder acquired the lock. */
  acquiredAt: string;
}

/**
 * Turns the detection of deadlocks on or off (ours; off at first), for the `threading` locks of this process and the
 * `multiprocessing` locks of the whole family of processes.
 *
 * While it is on, a blocking `acquire` without a time-out that would close a cycle of threads waiting for each other's
 * `Lock`s and `RLock`s throws a `DeadlockError`, a second `acquire` of one's own `Lock` included. The error tells every
 * lock, holder and waiter of the cycle and where each was acquired or is awaited; its `cycle` has the same as data.
 * An acquire costs tens of microseconds more then, for its stack.
 */
export function detectDeadlocks(on = true): void {
  Atomics.store(localMemory().i32, DEADLOCK_DETECTION, on ? 1 : 0);
  try {
    if (on || usesSystemMemory() !== undefined) Atomics.store(systemMemory().i32, DEADLOCK_DETECTION, on ? 1 : 0);
  } catch (error) {
    if (!(error instanceof NotImplementedError)) throw error; // no processes on this platform
  }
}

const texts = { local: new Map<string, number>(), system: new Map<string, number>() };

/** The text of what happens here, in a memory. */
export function textHere(memory: Memory): number {
  const text = `${whoIsHere()}\n${callSite()}`;
  const known = texts[memory.kind];
  let stored = known.get(text);
  if (stored === undefined) {
    stored = storeText(memory, text);
    known.set(text, stored);
  }
  return stored;
}

/** This thread has just taken a lock. */
export function noteAcquired({ memory, base }: Watched, text = textHere(memory)): void {
  memory.i32[base + HOLD_TEXT] = text;
  Atomics.store(memory.i32, base + HOLD_PARTY, memory.parties.self);
}

/** A wait of this thread, from its beginning to its end. */
export class WatchedWait {
  readonly text: number;
  readonly #lock: Watched;
  /** The text in the system block, for other processes. */
  readonly #systemText: number;

  /** @throws DeadlockError the wait would close a cycle. */
  constructor(lock: Watched) {
    this.#lock = lock;
    this.text = textHere(lock.memory);
    const system = usesSystemMemory();
    this.#systemText = lock.memory.kind === 'local' && system !== undefined ? textHere(system) : 0;
    exclusively(() => {
      const { memory, base } = lock;
      const slot = memory.parties.base;
      Atomics.add(memory.i32, slot + WAIT_COUNT, 1);
      memory.i32[slot + WAIT_TEXT] = this.text;
      Atomics.store(memory.i32, slot + WAITS_FOR, base);
    });
    this.check(true);
  }

  /**
   * Looks for a cycle through this wait. Only at its beginning can the lock be this thread's own: later it may have been
   * handed over already. @throws DeadlockError
   */
  check(beginning = false): void {
    const cycle = exclusively(() => {
      this.#tellSystem();
      const found = findCycle();
      if (found === null || (found.length === 1 && !beginning)) return null;
      this.#clear();
      return found;
    });
    if (cycle === null) return;
    const waits = cycle.map(report);
    throw Object.assign(new DeadlockError(tell(this.#lock.name, waits)), { cycle: waits });
  }

  end(): void {
    this.#clear();
  }

  #clear(): void {
    const { memory } = this.#lock;
    Atomics.store(memory.i32, memory.parties.base + WAITS_FOR, 0);
    const system = usesSystemMemory();
    if (system !== undefined) Atomics.store(system.i32, system.parties.base + WAITS_ON, 0);
  }

  #tellSystem(): void {
    const system = usesSystemMemory();
    if (this.#systemText === 0 || system === undefined) return;
    const { memory, base } = this.#lock;
    const owner = Atomics.load(memory.i32, base) >>> 1;
    const slot = system.parties.base;
    const { tid } = memory.parties.kernelIds(owner);
    if (owner === 0 || Atomics.load(system.i32, slot + WAITS_ON) === tid) return;
    Atomics.add(system.i32, slot + WAIT_COUNT, 1);
    system.i32[slot + WAIT_TEXT] = this.#systemText;
    Atomics.store(system.i32, slot + WAITS_ON, tid);
  }
}

interface Thread {
  pid: number;
  tid: number;
}

interface Edge {
  waiter: Thread;
  owner: Thread;
  alive: boolean;
  count: number;
  memory: Memory;
  /** 0: a lock of another process's local block. */
  base: number;
  text: number;
}

/** The cycle through this thread, if there is one. */
function findCycle(): Edge[] | null {
  const first = chain();
  if (first === null) return null;
  const second = chain();
  const same = (edge: Edge, i: number): boolean =>
    edge.alive &&
    edge.count === second?.[i]?.count &&
    edge.base === second[i].base &&
    isSame(edge.owner, second[i].owner);
  return second?.length === first.length && first.every(same) ? first : null;
}

/** From this thread along what each waits for, until it comes back here; null if it does not. */
function chain(): Edge[] | null {
  const here = { pid: process.pid, tid: hereTid() };
  const edges: Edge[] = [];
  for (let thread: Thread = here; ; ) {
    const edge = edgeFrom(thread);
    if (edge === null) return null;
    edges.push(edge);
    if (isSame(edge.owner, here)) return edges;
    // A thread that has got what it waited for has not said so yet; a cycle without this thread is not its business.
    if (edges.some(({ waiter }) => isSame(waiter, edge.owner))) return null;
    thread = edge.owner;
  }
}

function edgeFrom(waiter: Thread): Edge | null {
  for (const memory of [usesSystemMemory(), waiter.pid === process.pid ? localMemory() : undefined]) {
    if (memory === undefined) continue;
    const w = memory.i32;
    const slot = slotOfThread(memory, waiter);
    if (slot === 0) continue;
    const count = Atomics.load(w, slot + WAIT_COUNT);
    const text = w[slot + WAIT_TEXT];
    const base = Atomics.load(w, slot + WAITS_FOR);
    if (base !== 0) {
      const owner = Atomics.load(memory.i32, base) >>> 1;
      if (owner === 0 || memory.parties.hasMovedOn(owner)) return null;
      const alive = memory.parties.isPresent(owner); // the death of one that is not ends the wait
      return { waiter, owner: memory.parties.kernelIds(owner), alive, count, memory, base, text };
    }
    const tid = Atomics.load(w, slot + WAITS_ON);
    if (tid !== 0 && waiter.pid !== process.pid) {
      return { waiter, owner: { pid: waiter.pid, tid }, alive: true, count, memory, base: 0, text };
    }
  }
  return null;
}

/** The slot of a thread in a block, 0 if it does not use it. */
function slotOfThread(memory: Memory, { pid, tid }: Thread): number {
  const high = Atomics.load(memory.i32, PARTY_HIGH);
  for (let slot = 1; slot <= high; slot++) {
    const id = memory.parties.idAt(slot);
    if (id === 0) continue;
    const ids = memory.parties.kernelIds(id);
    if (ids.pid === pid && ids.tid === tid) return memory.parties.at(slotOf(id));
  }
  return 0;
}

function report(edge: Edge): DeadlockWait {
  const { memory, base } = edge;
  const [waiter, awaitedAt] = loadText(memory, edge.text).split('\n');
  const kind = memory.kind === 'local' || base === 0 ? 'threading' : 'multiprocessing';
  const lock = base === 0 ? `a ${kind} lock` : `the ${kind} lock ${base.toString(16)}`;
  const unknown = `thread ${edge.owner.tid} of process ${edge.owner.pid}`;
  const owner = base === 0 ? 0 : Atomics.load(memory.i32, base) >>> 1;
  if (owner === 0 || memory.i32[base + HOLD_PARTY] !== owner) {
    return { waiter, lock, awaitedAt, holder: unknown, acquiredAt: 'a place that was not noted' };
  }
  const [holder, acquiredAt] = loadText(memory, memory.i32[base + HOLD_TEXT]).split('\n');
  return { waiter, lock, awaitedAt, holder, acquiredAt };
}

function tell(name: string, waits: DeadlockWait[]): string {
  const self = waits.length === 1;
  const head = self
    ? `${name}.acquire: this thread has the lock already, and would wait for itself`
    : `${name}.acquire: ${waits.length} threads would wait for each other for ever`;
  const lines = waits.map(
    ({ waiter, lock, awaitedAt, holder, acquiredAt }) =>
      `  ${waiter}\n    waits for ${lock} at ${awaitedAt}\n    which ${self ? 'it' : holder} acquired at ${acquiredAt}`,
  );
  const advice = self ? 'Use an RLock.' : 'Acquire these locks in one order everywhere, or with a time-out.';
  return [`${head}.`, ...lines, advice].join('\n');
}

function isSame(a: Thread, b: Thread): boolean {
  return a.pid === b.pid && a.tid === b.tid;
}

let tid = 0;

function hereTid(): number {
  tid ||= kernelThreadId();
  return tid;
}

/** One search at a time, in all threads and processes. */
function exclusively<R>(fn: () => R): R {
  const local = localMemory();
  const system = usesSystemMemory();
  acquireSpinLock(local, DEADLOCK_LOCK);
  if (system !== undefined) acquireSpinLock(system, DEADLOCK_LOCK);
  try {
    return fn();
  } finally {
    if (system !== undefined) releaseSpinLock(system, DEADLOCK_LOCK);
    releaseSpinLock(local, DEADLOCK_LOCK);
  }
}
