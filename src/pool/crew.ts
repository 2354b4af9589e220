/**
 * What the workers of a pool share: the tasks that wait, who the workers are, and whether the pool is open.
 *
 * ```
 *  +0 TASKS     message log (queue/message-log.ts)
 * +24 IDLERS    wait queue of the workers that have nothing to do
 * +28 CHANGES   wait queue of those that wait for a worker to end, or to be wanted
 * +32 LOCK      guards the lists
 * +33 WORKERS   first record of the list (worker-record.ts)   +34 MAILBOXES   first of those that results go to
 * +35 STATE     0 open, 1 closed: workers end when nothing is left, 2 terminated, 3 broken
 * +36 MAXIMUM   how many workers there may be   +37 ALIVE   how many there are
 * +38 IDLE      how many of them look for a task
 * +39 NUMBER    counter of functions   +40 STARTED   counter of workers
 * +41 SETUP     parcel of what a worker needs to know at its start
 * +42 REASON    parcel of why it is broken
 * +43 HOME_PID  +44 HOME   process, and party of its local block, that starts workers and looks after them
 * +45 WANTED    1: somebody who is not at home would like another worker
 * +46 DONE  +47 FAILED   tasks of workers that have ended   +48 RESTARTS
 * +49 CHANGED   goes up with whatever CHANGES tells of
 * +50 SPARES    first record of workers that are gone, kept for the next: somebody may stand in a queue of theirs
 * ```
 *
 * Workers pull: a task goes into the log, a worker takes it out and posts the result into its submitter's mailbox. No
 * event loop and no dispatcher stands between, so that whoever waits may block.
 *
 * Two objects: every worker and client holds the crew; clients also hold a lease. When the last lease is gone, nobody
 * can give the crew anything to do, and it is closed.
 */

import { Place, SharedObject } from '../memory/handle.ts';
import { CREW, CREW_LEASE, onDestroy } from '../memory/kinds.ts';
import { localMemory } from '../memory/local-memory.ts';
import type { Memory } from '../memory/memory.ts';
import { acquireSpinLock, releaseSpinLock } from '../memory/spin-lock.ts';
import { WaitQueue } from '../memory/wait-queue.ts';
import { discardMessage, type Message } from '../queue/message.ts';
import { MessageLog } from '../queue/message-log.ts';
import { parcelValue } from '../queue/parcel.ts';
import { DROPPED, post, shortMail } from './mailbox.ts';
import { CANCELLED, SLOT_WORDS, slot } from './slots.ts';
import { TaskHeader } from './task-message.ts';
import { WorkerRecord } from './worker-record.ts';

const IDLERS = 24;
const CHANGES = 28;
const LOCK = 32;
const WORKERS = 33;
const MAILBOXES = 34;
const STATE = 35;
const MAXIMUM = 36;
const ALIVE = 37;
const IDLE = 38;
const NUMBER = 39;
const STARTED = 40;
const SETUP = 41;
const REASON = 42;
const HOME_PID = 43;
const HOME = 44;
const WANTED = 45;
const DONE = 46;
const FAILED = 47;
const RESTARTS = 48;
const CHANGED = 49;
const SPARES = 50;
const BYTES = 51 * 4;

export const OPEN = 0;
export const CLOSED = 1;
export const TERMINATED = 2;
export const BROKEN = 3;

const LIST_NEXT = 0;
const LIST_MAILBOX = 1;

onDestroy(CREW_LEASE, (memory, payload) => {
  const crew = memory.i32[payload];
  memory.reach(crew + BYTES / 4);
  raiseState(memory, crew, CLOSED);
  memory.holdings.release(crew);
});

onDestroy(CREW, (memory, payload) => {
  const w = memory.i32;
  new MessageLog(memory, payload).destroy();
  for (const list of [WORKERS, SPARES]) {
    for (let at = w[payload + list]; at !== 0; ) {
      const record = new WorkerRecord(memory, at);
      at = record.next;
      record.free();
    }
  }
  for (let node = w[payload + MAILBOXES]; node !== 0; ) {
    memory.reach(node + 2);
    const next = memory.i32[node + LIST_NEXT];
    memory.holdings.release(memory.i32[node + LIST_MAILBOX]);
    memory.heap.free(node);
    node = next;
  }
  for (const word of [SETUP, REASON]) if (w[payload + word] !== 0) memory.holdings.release(w[payload + word]);
});

/** What a client holds, so that a crew without clients is closed. */
export class CrewLease extends SharedObject {
  static for(crew: Crew): CrewLease {
    const { memory, payload } = crew.place;
    const place = Place.fresh(memory, 4, CREW_LEASE);
    memory.holdings.retain(payload);
    memory.i32[place.base] = payload;
    return new CrewLease(place);
  }

  constructor(place: Place) {
    super(place);
  }
}

/** A view of a crew. */
export class Crew extends SharedObject {
  readonly memory: Memory;
  readonly tasks: MessageLog;
  readonly idlers: WaitQueue;
  readonly changes: WaitQueue;
  readonly #base: number;
  readonly #mailboxes = new Set<number>();

  constructor(place: Place) {
    super(place);
    this.memory = place.memory;
    this.#base = place.base;
    this.tasks = new MessageLog(place.memory, place.base, { admits: () => (this.state === OPEN ? 'put' : 'closed') });
    this.idlers = new WaitQueue(place.memory, place.base + IDLERS, this);
    this.changes = new WaitQueue(place.memory, place.base + CHANGES, this);
  }

  /** A new crew, without workers, whose home is this thread. `setup` is a parcel that is the crew's from now on. */
  static create(memory: Memory, maximum: number, setup: number): Crew {
    const place = Place.fresh(memory, BYTES, CREW);
    const w = memory.i32;
    w[place.base + MAXIMUM] = maximum;
    w[place.base + SETUP] = setup;
    w[place.base + HOME_PID] = process.pid;
    w[place.base + HOME] = localMemory().parties.self;
    return new Crew(place);
  }

  get state(): number {
    return this.#load(STATE);
  }

  /** Closes it, terminates it or breaks it; it never goes back. Returns whether this call has changed anything. */
  raise(state: number): boolean {
    return raiseState(this.memory, this.#base, state);
  }

  get maximum(): number {
    return this.#load(MAXIMUM);
  }

  /** How many workers were started and have not ended. */
  get alive(): number {
    return this.#load(ALIVE);
  }

  /** How many workers look for a task. */
  get idle(): number {
    return this.#load(IDLE);
  }

  get restarts(): number {
    return this.#load(RESTARTS);
  }

  get setup(): number {
    return this.#load(SETUP);
  }

  /** The parcel of why it is broken, 0 if it is not. */
  get reason(): number {
    return this.#load(REASON);
  }

  /** Why it is broken, as an error; undefined if it is not. */
  reasonError(): Error | undefined {
    if (this.reason === 0) return undefined;
    return parcelValue(this.memory, this.reason) as Error;
  }

  /** Notes why it is broken; the first reason counts. The parcel is the crew's from now on. */
  setReason(parcel: number): void {
    if (Atomics.compareExchange(this.memory.i32, this.#base + REASON, 0, parcel) !== 0) {
      this.memory.holdings.release(parcel);
    }
  }

  /** Whether this thread is the one that looks after the workers. */
  get isHome(): boolean {
    return this.#load(HOME_PID) === process.pid && this.#load(HOME) === localMemory().parties.self;
  }

  /** A number that no function of this crew has had. */
  nextFunctionNumber(): number {
    return Atomics.add(this.memory.i32, this.#base + NUMBER, 1) + 1;
  }

  /** Somebody who cannot start workers would like one more. */
  wantWorker(): void {
    Atomics.store(this.memory.i32, this.#base + WANTED, 1);
    this.tellChange();
  }

  /** Whether another worker was wanted since the last call. */
  takeWanted(): boolean {
    return Atomics.exchange(this.memory.i32, this.#base + WANTED, 0) === 1;
  }

  /** Whether a task waits that no idle worker will take, and there is room for another worker. */
  get needsWorker(): boolean {
    // Asked in this order: a worker takes its task first, and is no longer idle second.
    const { idle } = this;
    return this.tasks.length > idle && this.alive < this.maximum;
  }

  /** The mailbox lives as long as the crew: its results may come at any time. */
  noteMailbox(mailbox: number): void {
    if (this.#mailboxes.has(mailbox)) return;
    this.#mailboxes.add(mailbox);
    const { memory } = this;
    const node = memory.heap.allocate(8);
    memory.holdings.retain(mailbox);
    memory.i32[node + LIST_MAILBOX] = mailbox;
    this.#locked(() => {
      memory.i32[node + LIST_NEXT] = memory.i32[this.#base + MAILBOXES];
      Atomics.store(memory.i32, this.#base + MAILBOXES, node);
    });
  }

  /** A place for another worker, unless there are enough. */
  addWorker(): WorkerRecord | null {
    const { memory } = this;
    const w = memory.i32;
    if (this.alive >= this.maximum) return null;
    const fresh = w[this.#base + SPARES] === 0 ? WorkerRecord.create(memory) : null;
    const number = Atomics.add(w, this.#base + STARTED, 1);
    const record = this.#locked(() => {
      const spare = w[this.#base + SPARES];
      if (w[this.#base + ALIVE] >= w[this.#base + MAXIMUM] || (fresh === null && spare === 0)) return null;
      const record = fresh ?? new WorkerRecord(memory, spare);
      if (fresh === null) Atomics.store(w, this.#base + SPARES, record.next);
      record.renew(number);
      record.next = w[this.#base + WORKERS];
      Atomics.store(w, this.#base + WORKERS, record.at);
      Atomics.store(w, this.#base + ALIVE, w[this.#base + ALIVE] + 1);
      return record;
    });
    if (record === null) fresh?.free();
    else this.countIdle(record, true); // as soon as it is up
    return record;
  }

  /** A worker has ended: takes its record out of the list, for the next one, and counts what it has done. */
  removeWorker(record: WorkerRecord, restarted: boolean): void {
    const w = this.memory.i32;
    this.countIdle(record, false);
    this.#locked(() => {
      let link = this.#base + WORKERS;
      while (w[link] !== 0 && w[link] !== record.at) link = w[link];
      if (w[link] === 0) return;
      Atomics.store(w, link, record.next);
      record.next = w[this.#base + SPARES];
      Atomics.store(w, this.#base + SPARES, record.at);
      Atomics.store(w, this.#base + ALIVE, w[this.#base + ALIVE] - 1);
      // Those that were killed in the middle of counting have left it too low.
      if (w[this.#base + ALIVE] === 0) Atomics.store(w, this.#base + IDLE, 0);
      w[this.#base + DONE] += record.done;
      w[this.#base + FAILED] += record.failed;
      if (restarted) w[this.#base + RESTARTS]++;
    });
    this.tellChange();
  }

  /** Something has changed that others may wait for: a worker has ended, or is wanted. */
  tellChange(): void {
    Atomics.add(this.memory.i32, this.#base + CHANGED, 1);
    this.changes.wake(Number.POSITIVE_INFINITY);
  }

  /** Goes up with each change. */
  get changeCount(): number {
    return this.#load(CHANGED);
  }

  /** The workers that were started and not seen to end. */
  workers(): WorkerRecord[] {
    const found: WorkerRecord[] = [];
    this.#locked(() => {
      for (let at = this.memory.i32[this.#base + WORKERS]; at !== 0; ) {
        const record = new WorkerRecord(this.memory, at);
        found.push(record);
        at = record.next;
      }
    });
    return found;
  }

  /** How many tasks wait, run, and have ended in which way. */
  counts(): { queued: number; running: number; done: number; failed: number } {
    const workers = this.workers();
    const sum = (of: (worker: WorkerRecord) => number): number => workers.reduce((total, each) => total + of(each), 0);
    return {
      queued: this.tasks.length,
      running: sum((worker) => (worker.task === 0 ? 0 : 1)),
      done: this.#load(DONE) + sum((worker) => worker.done),
      failed: this.#load(FAILED) + sum((worker) => worker.failed),
    };
  }

  /**
   * A worker begins, or stops, to look for a task. Whoever is killed between the two stores leaves a count that is too
   * low, and at worst a worker is started that nobody needs; with one that is too high a task might wait for ever.
   */
  countIdle(worker: WorkerRecord, idle: boolean): void {
    if (worker.idle === idle) return;
    if (idle) worker.idle = true;
    Atomics.add(this.memory.i32, this.#base + IDLE, idle ? 1 : -1);
    if (!idle) worker.idle = false;
  }

  /** Takes the next task for a worker; null if there is none, or the worker is to stop. */
  take(worker: WorkerRecord): Message | null {
    const { memory } = this;
    for (;;) {
      if (worker.stopped) return null;
      let claimed = false;
      const task = this.tasks.take((message) => {
        const header = new TaskHeader(message);
        memory.reach(header.mailbox);
        memory.reach(header.slot);
        worker.setTask(header.slot, header.mailbox, header.use);
        // Who stops a worker says so first and looks at its task second.
        if (worker.stopped) {
          worker.clearTask();
          return false;
        }
        claimed = slot.claim(memory, header.slot, header.use, worker.at);
        return true;
      });
      if (task === null || claimed) return task;
      this.#drop(task);
      worker.clearTask();
    }
  }

  /** Takes all tasks that wait out of the queue; `settle` says how each ends. */
  drain(settle: (header: TaskHeader) => void): void {
    for (let task = this.tasks.take(); task !== null; task = this.tasks.take()) {
      const header = new TaskHeader(task);
      this.memory.reach(header.slot + SLOT_WORDS);
      if (slot.cancel(this.memory, header.slot, header.use)) settle(header);
      else if (slot.state(this.memory, header.slot) === CANCELLED) this.#tellDropped(header);
      discardMessage(task);
    }
  }

  /** A task that was cancelled, or that died with another worker, has come to the front. */
  #drop(task: Message): void {
    const header = new TaskHeader(task);
    if (slot.state(this.memory, header.slot) === CANCELLED) this.#tellDropped(header);
    discardMessage(task);
  }

  #tellDropped({ slot: at, mailbox, use }: TaskHeader): void {
    tellDropped(this.memory, at, mailbox, use);
  }

  #locked<R>(step: () => R): R {
    acquireSpinLock(this.memory, this.#base + LOCK);
    try {
      return step();
    } finally {
      releaseSpinLock(this.memory, this.#base + LOCK);
    }
  }

  #load(word: number): number {
    return Atomics.load(this.memory.i32, this.#base + word);
  }
}

/** Tells the submitter of a cancelled task that it is out of the queue. It may be told twice. */
export function tellDropped(memory: Memory, at: number, mailbox: number, use: number): void {
  if (slot.use(memory, at) !== use) return;
  post(memory, mailbox, shortMail(memory, at, use, DROPPED));
}

function raiseState(memory: Memory, crew: number, state: number): boolean {
  const w = memory.i32;
  for (let before = Atomics.load(w, crew + STATE); before < state; before = Atomics.load(w, crew + STATE)) {
    if (Atomics.compareExchange(w, crew + STATE, before, state) !== before) continue;
    new WaitQueue(memory, crew + IDLERS).wake(Number.POSITIVE_INFINITY);
    Atomics.add(w, crew + CHANGED, 1);
    new WaitQueue(memory, crew + CHANGES).wake(Number.POSITIVE_INFINITY);
    return true;
  }
  return false;
}
