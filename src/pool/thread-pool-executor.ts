import { availableParallelism } from 'node:os';
import type { ResourceLimits } from 'node:worker_threads';
import { PicklingError } from '../errors.ts';
import { localMemory } from '../memory/local-memory.ts';
import type { ModuleTarget } from '../pickle/module-target.ts';
import { registerReducer } from '../pickle/reducer.ts';
import type { Target } from '../thread/target.ts';
import { CrewClient } from './client.ts';
import { hireThreads } from './hands.ts';
import { checkCount, checkInitializer, checkSeconds, settingsOf } from './options.ts';
import { PoolExecutor } from './pool-executor.ts';
import { shareClient, sharedClient } from './shared-client.ts';

/** What a `ThreadPoolExecutor` is made of. */
export interface ThreadPoolExecutorOptions<F extends Target = Target> {
  /** How many threads there are at most; absent: as many as there are processors. */
  maxWorkers?: number | null;
  /** Threads are called `prefix_0`, `prefix_1`, …; absent: `ThreadPoolExecutor-N`. */
  threadNamePrefix?: string;
  /** Is called in each thread before its first task. */
  initializer?: F | ModuleTarget | null;
  /** Its arguments. */
  initargs?: Readonly<Parameters<F>>;
  /** Seconds without a task after which a thread ends (ours); absent: they stay. */
  idleTimeout?: number | null;
  /** Limits of each thread's own engine (ours; see `Worker` in Node). */
  resourceLimits?: ResourceLimits;
}

let counter = 0;

/**
 * Runs functions in threads. Threads are started when there is something to do, and taken by the next task when they
 * have none; an executor without tasks does not keep the program alive.
 *
 * Python: https://docs.python.org/3/library/concurrent.futures.html#threadpoolexecutor
 */
export class ThreadPoolExecutor extends PoolExecutor {
  /**
   * @param options how many threads, or an object.
   * @throws ValueError `maxWorkers` is less than 1. @throws TypeError the initializer is no function.
   */
  constructor(options?: number | null | ThreadPoolExecutorOptions);
  /** @internal */
  constructor(client: CrewClient);
  constructor(options: number | null | ThreadPoolExecutorOptions | CrewClient = {}) {
    super(options instanceof CrewClient ? options : newClient(options));
  }
}
registerReducer(ThreadPoolExecutor, {
  tag: 'futures.ThreadPoolExecutor',
  dump(executor: ThreadPoolExecutor, context) {
    if (context.scope === 'process') {
      throw new PicklingError(
        `${context.path()}: a ThreadPoolExecutor exists in one process only and cannot be sent to another; ` +
          'use a ProcessPoolExecutor',
      );
    }
    return shareClient(executor, context);
  },
  load: (state) => sharedClient(ThreadPoolExecutor, state),
});

function newClient(given: number | null | ThreadPoolExecutorOptions): CrewClient {
  const who = 'ThreadPoolExecutor';
  const options = settingsOf<ThreadPoolExecutorOptions>(given, 'maxWorkers', who);
  const maximum = checkCount(options.maxWorkers, 'maxWorkers', who) ?? availableParallelism();
  const { initializer, initargs } = checkInitializer(options, who);
  const idleTimeout = checkSeconds(options.idleTimeout, 'idleTimeout', who);
  const prefix = options.threadNamePrefix || `${who}-${counter++}`;
  const setup = { kind: who, initializer, initargs, maxTasks: 0, idleTimeout } as const;
  return CrewClient.create(
    localMemory(),
    maximum,
    setup,
    hireThreads((n) => `${prefix}_${n}`, options.resourceLimits),
  );
}
