/**
 * What a family of processes knows of one of them: its record in the system block.
 *
 * ```
 *  +0 STATE     0 new, 1 started, 2 ended
 *  +1 PID       +2 STATUS   how it ended: its exit code, or minus the signal that killed it
 *  +3 DAEMON    1: daemonic; 2: it ends with its parent too, but may have children   +4 NAME     a text (text.ts)
 *  +5 CREATOR   pid of the process that made it
 *  +6 ENDED     wait queue of those that join
 * +10 JOB       parcel of what it has to run
 * +11 IDENTITY  a text: the numbers in its name, `1:2`; empty for the main process
 * +12 AUTHKEY   a text: its key, as hexadecimal digits
 * +13 WORKER    1: it works for a pool, which alone cares how it ends
 * ```
 */

import { Place } from '../memory/handle.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { loadText, storeText } from '../memory/text.ts';
import { WaitQueue } from '../memory/wait-queue.ts';

const STATE = 0;
const PID = 1;
const STATUS = 2;
const DAEMON = 3;
const NAME = 4;
const CREATOR = 5;
const ENDED_QUEUE = 6;
const JOB = 10;
const IDENTITY = 11;
const AUTHKEY = 12;
const WORKER = 13;
const BYTES = 14 * 4;

export const NEW = 0;
export const STARTED = 1;
export const ENDED = 2;

/** A view of one process's record. */
export class ProcessRecord {
  readonly place: Place;
  readonly ended: WaitQueue;
  readonly #at: number;

  /** `handle`: the object that holds the record; it lives on while somebody joins. */
  constructor(place: Place, handle: object | null = null) {
    this.place = place;
    this.#at = place.base;
    this.ended = new WaitQueue(place.memory, place.base + ENDED_QUEUE, handle);
  }

  static create(name: string, daemon: boolean, identity: string, authkey: Uint8Array): Place {
    const memory = systemMemory();
    const place = Place.fresh(memory, BYTES);
    const w = memory.i32;
    w[place.base + NAME] = storeText(memory, name);
    w[place.base + DAEMON] = daemon ? 1 : 0;
    w[place.base + IDENTITY] = storeText(memory, identity);
    w[place.base + AUTHKEY] = storeText(memory, Buffer.from(authkey).toString('hex'));
    w[place.base + CREATOR] = process.pid;
    return place;
  }

  get state(): number {
    return this.#load(STATE);
  }

  get pid(): number {
    return this.#load(PID);
  }

  /** Its exit code, or minus the signal that killed it; good once it has ended. */
  get status(): number {
    return this.#load(STATUS);
  }

  get creator(): number {
    return this.#load(CREATOR);
  }

  get daemon(): boolean {
    return this.#load(DAEMON) === 1;
  }

  /** Whether it ends with the process that has started it: it is daemonic, or {@link serves}. */
  get endsWithParent(): boolean {
    return this.#load(DAEMON) !== 0;
  }

  /** It works for its parent, and ends with it, but may have children of its own. */
  serves(): void {
    Atomics.store(systemMemory().i32, this.#at + DAEMON, 2);
  }

  /** Whether it works for a pool or a manager, which alone cares how it ends. */
  get isWorker(): boolean {
    return this.#load(WORKER) !== 0;
  }

  set isWorker(worker: boolean) {
    Atomics.store(systemMemory().i32, this.#at + WORKER, worker ? 1 : 0);
  }

  set daemon(daemon: boolean) {
    Atomics.store(systemMemory().i32, this.#at + DAEMON, daemon ? 1 : 0);
  }

  get name(): string {
    return loadText(systemMemory(), this.#load(NAME));
  }

  set name(name: string) {
    this.#replaceText(NAME, name);
  }

  get identity(): string {
    return loadText(systemMemory(), this.#load(IDENTITY));
  }

  get authkey(): Buffer {
    return Buffer.from(loadText(systemMemory(), this.#load(AUTHKEY)), 'hex');
  }

  set authkey(key: Uint8Array) {
    this.#replaceText(AUTHKEY, Buffer.from(key).toString('hex'));
  }

  /** Claims the one start of the process. Returns false if it was started before. */
  claimStart(): boolean {
    return Atomics.compareExchange(systemMemory().i32, this.#at + STATE, NEW, STARTED) === NEW;
  }

  /** It runs as a process of the system, with something to do. */
  begin(pid: number, job: number): void {
    const memory = systemMemory();
    Atomics.store(memory.i32, this.#at + JOB, job);
    Atomics.store(memory.i32, this.#at + PID, pid);
    // Until it has ended, whoever started it may forget it and the process itself may not have come up.
    memory.holdings.retain(this.#at);
  }

  /** Takes what there is to do. */
  takeJob(): number {
    return Atomics.exchange(systemMemory().i32, this.#at + JOB, 0);
  }

  /** It has ended: wakes all who join. Returns whether this call was the first to say so. */
  end(status: number): boolean {
    const memory = systemMemory();
    Atomics.store(memory.i32, this.#at + STATUS, status);
    if (Atomics.compareExchange(memory.i32, this.#at + STATE, STARTED, ENDED) !== STARTED) return false;
    const job = this.takeJob();
    if (job !== 0) memory.holdings.release(job);
    this.ended.wake(Number.POSITIVE_INFINITY);
    memory.holdings.release(this.#at);
    return true;
  }

  #replaceText(word: number, text: string): void {
    const memory = systemMemory();
    const before = Atomics.exchange(memory.i32, this.#at + word, storeText(memory, text));
    if (before !== 0) memory.heap.free(before);
  }

  #load(word: number): number {
    return Atomics.load(systemMemory().i32, this.#at + word);
  }
}

/** A key for a program that has none yet. */
export function newAuthkey(): Uint8Array {
  return process.getBuiltinModule('node:crypto').randomBytes(32);
}
