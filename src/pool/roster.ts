/**
 * The workers of a crew: their records in a list, how many there are, and how many of them look for a task.
 */

import type { Memory } from '../memory/memory.ts';
import { acquireSpinLock, releaseSpinLock } from '../memory/spin-lock.ts';
import { ALIVE, IDLE, LOCK, MAXIMUM, RESTARTS, SPARES, STARTED, WORKERS } from './crew-layout.ts';
import { WorkerRecord } from './worker-record.ts';

export class Roster {
  readonly #memory: Memory;
  readonly #base: number;

  constructor(memory: Memory, base: number) {
    this.#memory = memory;
    this.#base = base;
  }

  /** How many workers there may be. */
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

  /** How many workers were started in the place of others. */
  get restarts(): number {
    return this.#load(RESTARTS);
  }

  /** A place for another worker, unless there are enough. */
  add(): WorkerRecord | null {
    const memory = this.#memory;
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

  /** A worker has ended: takes its record out of the list, for the next one. */
  remove(record: WorkerRecord, restarted: boolean): void {
    const w = this.#memory.i32;
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
      if (restarted) w[this.#base + RESTARTS]++;
    });
  }

  /** The workers that were started and not seen to end. */
  all(): WorkerRecord[] {
    const found: WorkerRecord[] = [];
    this.#locked(() => {
      for (let at = this.#memory.i32[this.#base + WORKERS]; at !== 0; ) {
        const record = new WorkerRecord(this.#memory, at);
        found.push(record);
        at = record.next;
      }
    });
    return found;
  }

  /** How many tasks run. */
  running(): number {
    return this.all().filter((worker) => worker.task !== 0).length;
  }

  /**
   * A worker begins, or stops, to look for a task. Whoever is killed between the two stores leaves a count that is too
   * low, and at worst a worker is started that nobody needs; with one that is too high a task might wait for ever.
   */
  countIdle(worker: WorkerRecord, idle: boolean): void {
    if (worker.idle === idle) return;
    if (idle) worker.idle = true;
    Atomics.add(this.#memory.i32, this.#base + IDLE, idle ? 1 : -1);
    if (!idle) worker.idle = false;
  }

  #locked<R>(step: () => R): R {
    acquireSpinLock(this.#memory, this.#base + LOCK);
    try {
      return step();
    } finally {
      releaseSpinLock(this.#memory, this.#base + LOCK);
    }
  }

  #load(word: number): number {
    return Atomics.load(this.#memory.i32, this.#base + word);
  }
}
