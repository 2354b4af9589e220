/** What every worker of a pool is told at its start: one parcel, read by each. */

import { BrokenProcessPool, BrokenThreadPool, WorkerDiedError } from '../errors.ts';
import type { Memory } from '../memory/memory.ts';
import { importParcelValue, packParcel } from '../queue/parcel.ts';
import type { ResolvedTarget } from '../thread/target.ts';

/** What a worker is told. */
export interface Setup {
  /** What the pool is to its user: errors are named accordingly. */
  kind: CrewKind;
  /** Is called in each worker before its first task. */
  initializer: ResolvedTarget;
  initargs: readonly unknown[];
  /** How many tasks a worker runs before it is replaced, 0: any number. */
  maxTasks: number;
  /** Seconds after which a worker without a task ends; `null`: it stays. */
  idleTimeout: number | null;
}

/** The kinds of crews. */
export type CrewKind = 'ThreadPool' | 'Pool' | 'ThreadPoolExecutor' | 'ProcessPoolExecutor' | 'BullMQWorker';

/** Packs it. @throws PicklingError the initializer or one of its arguments cannot be sent. */
export function packSetup(memory: Memory, setup: Setup): number {
  return packParcel(memory, setup, memory.kind === 'local' ? 'thread' : 'process', setup.kind);
}

/** Reads it, with the modules that it names imported. */
export function readSetup(memory: Memory, parcel: number): Promise<Setup> {
  return importParcelValue(memory, parcel) as Promise<Setup>;
}

/** Whether one abrupt end of a worker is the end of the pool, as with CPython's executors. */
export function breaksWithWorker(kind: CrewKind): boolean {
  return kind === 'ThreadPoolExecutor' || kind === 'ProcessPoolExecutor';
}

/** The error of a task whose worker has ended under it, or that will never run since one has. */
export function errorOfEnding(kind: CrewKind, message: string, cause?: unknown): Error {
  const options = cause === undefined ? undefined : { cause };
  if (kind === 'ThreadPoolExecutor') return new BrokenThreadPool(message, options);
  if (kind === 'ProcessPoolExecutor') return new BrokenProcessPool(message, options);
  return new WorkerDiedError(message, options);
}
