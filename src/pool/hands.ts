/** Workers as threads and as processes. */

import type { ResourceLimits } from 'node:worker_threads';
import { outsideFlows } from '../memory/flow.ts';
import { localMemory } from '../memory/local-memory.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { type Contest, waitAsync } from '../memory/wait.ts';
import { hasEnded } from '../process/children.ts';
import { Process } from '../process/process.ts';
import { ENDED as PROCESS_ENDED, ProcessRecord } from '../process/record.ts';
import { ThreadRecord } from '../thread/record.ts';
import { Thread } from '../thread/thread.ts';
import { stopThread } from '../thread/workers.ts';
import type { Crew } from './crew.ts';
import { serve } from './serve.ts';
import type { Hand, Hire } from './supervisor.ts';
import type { WorkerRecord } from './worker-record.ts';

/** A thread that works for a pool. */
class WorkerThread extends Thread<typeof serve> {
  /** What has killed its worker, as the engine says. */
  failure: unknown;

  protected override get ownWorkersOnly(): boolean {
    return true; // only who has made a worker can stop it
  }

  protected override workerFailed(error: unknown): void {
    this.failure = error;
  }
}

class ThreadHand implements Hand {
  readonly #thread: WorkerThread;
  readonly #record: ThreadRecord;

  constructor(thread: WorkerThread) {
    this.#thread = thread;
    this.#record = new ThreadRecord(thread.place, thread);
  }

  hasEnded(): boolean {
    return this.#record.endIfDead();
  }

  awaitEnd(): void {
    this.#thread.join();
  }

  whenEnded(listener: () => void): void {
    const ended = (): boolean => this.#record.endIfDead();
    const contest: Contest = { queue: this.#record.ended, attempt: ended, surplus: () => {} };
    void outsideFlows(() => waitAsync(localMemory(), contest, { ref: false }).then(listener));
  }

  stop(): void {
    stopThread(this.#record.place.base);
  }

  ending(): string {
    const { failure } = this.#thread;
    if (failure instanceof Error) return `its thread was ended by the engine: ${failure.message}`;
    // The engine tells when this event loop turns; a thread that says nothing itself has but one way to end.
    return 'its thread was ended by the engine, as it is when it runs out of memory (see resourceLimits)';
  }
}

/** Hires threads. */
export function hireThreads(name: (number: number) => string, resourceLimits?: ResourceLimits): Hire {
  return (crew: Crew, record: WorkerRecord) => {
    const settings = { target: serve, args: [crew, record.at] as [Crew, number], daemon: true, resourceLimits };
    const thread = new WorkerThread({ ...settings, name: name(record.number) });
    thread.start();
    return new ThreadHand(thread);
  };
}

class ProcessHand implements Hand {
  readonly #process: Process<typeof serve>;
  readonly #record: ProcessRecord;

  constructor(process: Process<typeof serve>) {
    this.#process = process;
    this.#record = new ProcessRecord(process.place, process);
  }

  hasEnded(): boolean {
    return hasEnded(this.#record);
  }

  awaitEnd(): void {
    this.#process.join();
  }

  whenEnded(listener: () => void): void {
    const attempt = (): boolean => this.#record.state === PROCESS_ENDED;
    const beat = (): boolean => hasEnded(this.#record);
    const contest: Contest = { queue: this.#record.ended, attempt, beat, surplus: () => {} };
    void outsideFlows(() => waitAsync(systemMemory(), contest, { ref: false }).then(listener));
  }

  stop(gently: boolean): void {
    if (gently) this.#process.terminate();
    else this.#process.kill();
  }

  ending(): string {
    const { exitcode } = this.#process;
    if (exitcode === null) return 'it ended';
    return exitcode < 0 ? `signal ${-exitcode} has killed it` : `it ended with exit code ${exitcode}`;
  }
}

/** Hires processes. `daemon`: as those of a `Pool` are; those of an executor may have children. */
export function hireProcesses(daemon: boolean, name?: (number: number) => string): Hire {
  return (crew: Crew, record: WorkerRecord) => {
    const args: [Crew, number] = [crew, record.at];
    const worker = new Process({ target: serve, args, daemon, name: name?.(record.number) });
    const process = new ProcessRecord(worker.place);
    process.isWorker = true;
    if (!daemon) process.serves();
    worker.start();
    return new ProcessHand(worker);
  };
}
