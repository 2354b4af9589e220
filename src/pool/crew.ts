/**
 * What the workers of a pool share: the tasks that wait, who the workers are, and whether the pool is open.
 *
 * Workers pull: a task goes into the log, a worker takes it out and posts the result into its submitter's mailbox. No
 * event loop and no dispatcher stands between, so that whoever waits may block.
 *
 * Two objects: every worker and client holds the crew; clients also hold a lease. When the last lease is gone, nobody
 * can give the crew anything to do, and it is closed.
 */

import { Place, SharedObject } from '../memory/handle.ts';
import { CREW } from '../memory/kinds.ts';
import { localMemory } from '../memory/local-memory.ts';
import type { Memory } from '../memory/memory.ts';
import { acquireSpinLock, releaseSpinLock } from '../memory/spin-lock.ts';
import { WaitQueue } from '../memory/wait-queue.ts';
import { discardMessage, type Message } from '../queue/message.ts';
import { MessageLog } from '../queue/message-log.ts';
import { parcelValue } from '../queue/parcel.ts';
import {
  BYTES,
  CHANGED,
  CHANGES,
  HOME,
  HOME_PID,
  IDLERS,
  LIST_MAILBOX,
  LIST_NEXT,
  LOCK,
  MAILBOXES,
  MAXIMUM,
  NUMBER,
  OPEN,
  REASON,
  raiseState,
  SETUP,
  STATE,
  WANTED,
} from './crew-layout.ts';
import { DROPPED, post, shortMail } from './mail.ts';
import { Roster } from './roster.ts';
import { CANCELLED, slot } from './slots.ts';
import { TaskHeader } from './task-message.ts';
import type { WorkerRecord } from './worker-record.ts';

/** A view of a crew. */
export class Crew extends SharedObject {
  readonly memory: Memory;
  readonly tasks: MessageLog;
  readonly workers: Roster;
  readonly idlers: WaitQueue;
  readonly changes: WaitQueue;
  readonly #base: number;
  readonly #mailboxes = new Set<number>();

  constructor(place: Place) {
    super(place);
    this.memory = place.memory;
    this.#base = place.base;
    this.tasks = new MessageLog(place.memory, place.base, { admits: () => (this.state === OPEN ? 'put' : 'closed') });
    this.workers = new Roster(place.memory, place.base);
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
    const { idle } = this.workers;
    return this.tasks.length > idle && this.workers.alive < this.workers.maximum;
  }

  /** The mailbox lives as long as the crew: its results may come at any time. */
  noteMailbox(mailbox: number): void {
    if (this.#mailboxes.has(mailbox)) return;
    this.#mailboxes.add(mailbox);
    const { memory } = this;
    const node = memory.heap.allocate(8);
    memory.holdings.retain(mailbox);
    memory.i32[node + LIST_MAILBOX] = mailbox;
    acquireSpinLock(memory, this.#base + LOCK);
    memory.i32[node + LIST_NEXT] = memory.i32[this.#base + MAILBOXES];
    Atomics.store(memory.i32, this.#base + MAILBOXES, node);
    releaseSpinLock(memory, this.#base + LOCK);
  }

  /** A worker has ended. */
  removeWorker(record: WorkerRecord, restarted: boolean): void {
    this.workers.remove(record, restarted);
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

  /** Takes the next task for a worker; null if there is none, or the worker is to stop. */
  take(worker: WorkerRecord): Message | null {
    const { memory } = this;
    for (;;) {
      if (worker.stopped) return null;
      let claimed = false;
      const task = this.tasks.take((message) => {
        const header = new TaskHeader(message);
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

  #load(word: number): number {
    return Atomics.load(this.memory.i32, this.#base + word);
  }
}

/** Tells the submitter of a cancelled task that it is out of the queue. It may be told twice. */
export function tellDropped(memory: Memory, at: number, mailbox: number, use: number): void {
  if (slot.use(memory, at) !== use) return;
  post(memory, mailbox, shortMail(memory, at, use, DROPPED));
}
