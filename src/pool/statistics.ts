import type { RecordableHistogram } from 'node:perf_hooks';
import type { Memory } from '../memory/memory.ts';
import { slot } from './slots.ts';

/** What `executor.stats()` gives (ours). */
export interface ExecutorStats {
  /** Tasks that wait for a worker, and that are being run; those of other threads that share the executor included. */
  queued: number;
  running: number;
  /** Tasks that this object has submitted and that have given a result. */
  done: number;
  /** Those that have thrown. */
  failed: number;
  /** Those that were cancelled before they began. */
  cancelled: number;
  /** Workers there are. */
  workers: number;
  /** Workers that had to be replaced. */
  workerRestarts: number;
  /** How long tasks waited for a worker, in nanoseconds (a histogram of `node:perf_hooks`). */
  waitTime: RecordableHistogram;
  /** How long they ran, in nanoseconds. */
  runTime: RecordableHistogram;
}

/** Counts the tasks of one executor object. */
export class Statistics {
  #done = 0;
  #failed = 0;
  #cancelled = 0;
  readonly #waitTime: RecordableHistogram;
  readonly #runTime: RecordableHistogram;

  constructor() {
    const { createHistogram } = process.getBuiltinModule('node:perf_hooks');
    this.#waitTime = createHistogram();
    this.#runTime = createHistogram();
  }

  /** A task has ended, that was in this slot. */
  count(failed: boolean, memory: Memory, task: number): void {
    if (failed) this.#failed++;
    else this.#done++;
    const startedAt = slot.startedAt(memory, task);
    if (startedAt === 0) return; // it has failed before a worker began with it
    this.#waitTime.record(nanoseconds(startedAt - slot.submittedAt(memory, task)));
    this.#runTime.record(nanoseconds(slot.endedAt(memory, task) - startedAt));
  }

  countCancelled(): void {
    this.#cancelled++;
  }

  snapshot(queued: number, running: number, workerRestarts: number, workers: number): ExecutorStats {
    return {
      queued,
      running,
      done: this.#done,
      failed: this.#failed,
      cancelled: this.#cancelled,
      workers,
      workerRestarts,
      waitTime: this.#waitTime,
      runTime: this.#runTime,
    };
  }
}

/** A histogram takes integers from 1 on. */
function nanoseconds(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds * 1e6));
}
