import { availableParallelism } from 'node:os';
import { localMemory } from '../memory/local-memory.ts';
import { systemMemory } from '../memory/system-memory.ts';
import type { ModuleTarget } from '../pickle/module-target.ts';
import { registerReducer } from '../pickle/reducer.ts';
import type { Target } from '../thread/target.ts';
import { CrewClient } from './client.ts';
import { hireProcesses, hireThreads } from './hands.ts';
import { checkCount, checkInitializer, settingsOf } from './options.ts';
import { cannotTravel, WorkerPool } from './worker-pool.ts';

/** What a `Pool` or a `ThreadPool` is made of. */
export interface PoolOptions<F extends Target = Target> {
  /** How many workers there are at most; absent: as many as there are processors. */
  processes?: number | null;
  /** Is called in each worker before its first task; if it throws, the pool is broken. */
  initializer?: F | ModuleTarget | null;
  /** Its arguments. */
  initargs?: Readonly<Parameters<F>>;
  /** After how many tasks (chunks) a worker process is replaced by a fresh one; absent: never. */
  maxtasksperchild?: number | null;
}

/**
 * A pool of processes. One that dies fails the task that it ran with a `WorkerDiedError`, is replaced, and every other
 * task completes.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.Pool
 */
export class Pool extends WorkerPool {
  /**
   * @param options how many processes, or an object.
   * @throws ValueError a number is less than 1. @throws TypeError the initializer is no function.
   */
  constructor(
    options?: number | null | PoolOptions,
    initializer?: Target | ModuleTarget | null,
    initargs?: readonly unknown[],
    maxtasksperchild?: number | null,
  ) {
    super(processes(poolOptions(options, initializer, initargs, maxtasksperchild)));
  }
}

/**
 * A pool of threads with the interface of {@link Pool}.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.ThreadPool
 */
export class ThreadPool extends WorkerPool {
  /**
   * @param options how many threads, or an object.
   * @throws ValueError a number is less than 1. @throws TypeError the initializer is no function.
   */
  constructor(
    options?: number | null | Omit<PoolOptions, 'maxtasksperchild'>,
    initializer?: Target | ModuleTarget | null,
    initargs?: readonly unknown[],
  ) {
    super(threads(poolOptions(options, initializer, initargs, null)));
  }
}

for (const [cls, name] of [
  [Pool, 'Pool'],
  [ThreadPool, 'ThreadPool'],
] as const) {
  registerReducer<WorkerPool>(cls, {
    tag: `multiprocessing.pool.${name}`,
    dump(_pool, context): never {
      throw cannotTravel(context.path(), name);
    },
    load(): never {
      throw cannotTravel('message', name);
    },
  });
}

function poolOptions(
  options: number | null | undefined | PoolOptions,
  initializer: Target | ModuleTarget | null | undefined,
  initargs: readonly unknown[] | undefined,
  maxtasksperchild: number | null | undefined,
): PoolOptions {
  const given = settingsOf<PoolOptions>(options, 'processes', 'Pool');
  return { initializer, initargs, maxtasksperchild, ...given } as PoolOptions;
}

let threadPools = 0;

function threads(options: PoolOptions): CrewClient {
  const { maximum, ...setup } = checked(options, 'ThreadPool');
  const number = threadPools++;
  return CrewClient.create(
    localMemory(),
    maximum,
    setup,
    hireThreads((n) => `ThreadPool-${number}_${n}`),
  );
}

function processes(options: PoolOptions): CrewClient {
  const { maximum, ...setup } = checked(options, 'Pool');
  return CrewClient.create(
    systemMemory(),
    maximum,
    setup,
    hireProcesses(true, (n) => `SpawnPoolWorker-${n + 1}`),
  );
}

function checked(options: PoolOptions, kind: 'Pool' | 'ThreadPool') {
  return {
    kind,
    maximum: checkCount(options.processes, 'processes', kind) ?? availableParallelism(),
    ...checkInitializer(options, kind),
    maxTasks: checkCount(options.maxtasksperchild, 'maxtasksperchild', kind) ?? 0,
    idleTimeout: null,
  } as const;
}
