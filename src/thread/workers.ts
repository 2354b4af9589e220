import { readdirSync } from 'node:fs';
import { platform } from 'node:process';
import type { ResourceLimits, Worker } from 'node:worker_threads';
import { buryParty } from '../memory/burial.ts';
import { codeBox, compiledCode } from '../memory/compiled-code.ts';
import { Place } from '../memory/handle.ts';
import { localMemory, shareLocalMemory } from '../memory/local-memory.ts';
import { mainModule } from '../pickle/index.ts';
import { currentJob, layFirstJob, newDesk } from './desk.ts';
import { ThreadRecord } from './record.ts';

/** What a worker is given at its start. */
export interface WorkerStart {
  /** Its desk, with the first job on it. */
  desk: number;
  /** It runs one thread and ends: its limits are not those of other workers. */
  single: boolean;
  /** The program's main module, and its arguments. */
  main: string | null;
  argv: string[];
  /** Where what the engine has compiled of the library is, or will be in a moment. */
  code: SharedArrayBuffer;
}

/** Under which name {@link WorkerStart} stands in `workerData`. */
export const WORKER_DATA = 'threadwork:start';

/** src/loader.ts */
const PROGRAM = new URL('./loader.cjs', import.meta.url);

/** The workers that this thread made and that have not ended, with their desks. */
const mine = new Map<Worker, number>();

/** The desks of the workers that would end together with this thread. */
export function desksOfChildren(): number[] {
  return [...mine.values()];
}

/** A worker that is starting, and waits for the thread that it will run. */
export class NewWorker {
  readonly #desk = newDesk();
  readonly #birth: number;
  #record: ThreadRecord | null = null;
  #failed: ((error: unknown) => void) | null = null;

  /** `limits`: of its engine; it then runs no other thread afterwards. */
  constructor(limits: ResourceLimits | undefined) {
    const start: WorkerStart = {
      desk: this.#desk,
      single: limits !== undefined,
      main: mainModule(),
      argv: process.argv,
      code: codeBox(),
    };
    const before = kernelThreads();
    const { SHARE_ENV, Worker } = process.getBuiltinModule('node:worker_threads');
    shareLocalMemory();
    const worker = new Worker(PROGRAM, {
      workerData: { [WORKER_DATA]: start },
      env: SHARE_ENV as typeof import('node:worker_threads').SHARE_ENV,
      resourceLimits: limits,
    });
    this.#birth = Math.max(0, ...kernelThreads().filter((tid) => !before.includes(tid)));
    compiledCode(); // it has time: the worker takes longer to come to it
    worker.unref();
    mine.set(worker, this.#desk);
    worker.on('error', (error) => this.#failed?.(error));
    worker.on('exit', () => {
      mine.delete(worker);
      const memory = localMemory();
      memory.parties.sweep((slot) => buryParty(memory, slot), process.pid);
      const current = currentJob(this.#desk);
      if (current !== 0) new ThreadRecord(new Place(memory, current)).endIfDead();
      memory.heap.free(this.#desk);
      this.#record?.endIfDead();
    });
  }

  /** Has the worker run a thread. `failed` is told what kills it. */
  run(record: ThreadRecord, failed: (error: unknown) => void): void {
    this.#record = record;
    this.#failed = failed;
    record.noteBirth(this.#birth);
    layFirstJob(this.#desk, record.place.base);
  }

  /** There is nothing to run after all: the worker waits for the next thread. */
  dismiss(): void {
    layFirstJob(this.#desk, 0);
  }
}

/** Stops a worker that this thread has made, in the middle of the thread that it runs. Returns whether it was found. */
export function stopThread(record: number): boolean {
  for (const [worker, desk] of mine) {
    if (currentJob(desk) !== record) continue;
    void worker.terminate();
    return true;
  }
  return false;
}

/** The kernel's numbers of this process's threads: how a worker is known that fails before it can say anything. */
function kernelThreads(): number[] {
  if (platform !== 'linux') return [];
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [];
  }
}
