import { availableParallelism } from 'node:os';
import { BrokenProcessPool } from '../errors.ts';
import { systemMemory } from '../memory/system-memory.ts';
import type { ModuleTarget } from '../pickle/module-target.ts';
import { registerReducer } from '../pickle/reducer.ts';
import type { Target } from '../thread/target.ts';
import { CrewClient } from './client.ts';
import { hireProcesses } from './hands.ts';
import { checkCount, checkInitializer, checkSeconds, settingsOf } from './options.ts';
import { PoolExecutor } from './pool-executor.ts';
import { CLIENT, shareClient, sharedClient } from './shared-client.ts';

/** What a `ProcessPoolExecutor` is made of. */
export interface ProcessPoolExecutorOptions<F extends Target = Target> {
  /** How many processes there are at most; absent: as many as there are processors. */
  maxWorkers?: number | null;
  /** Is called in each process before its first task. */
  initializer?: F | ModuleTarget | null;
  /** Its arguments. */
  initargs?: Readonly<Parameters<F>>;
  /** After how many tasks a process is replaced by a fresh one; absent: never. */
  maxTasksPerChild?: number | null;
  /** Seconds without a task after which a process ends (ours); absent: they stay. */
  idleTimeout?: number | null;
}

/**
 * Runs functions in processes. One that ends abruptly breaks the executor, as in CPython: every future that is not done
 * then throws a `BrokenProcessPool` that says how it ended.
 *
 * Python: https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor
 */
export class ProcessPoolExecutor extends PoolExecutor {
  /**
   * @param options how many processes, or an object.
   * @throws ValueError a number is less than 1. @throws TypeError the initializer is no function.
   */
  constructor(options?: number | null | ProcessPoolExecutorOptions);
  /** @internal */
  constructor(client: CrewClient);
  constructor(options: number | null | ProcessPoolExecutorOptions | CrewClient = {}) {
    super(options instanceof CrewClient ? options : newClient(options));
  }

  /** Shuts the executor down and ends its processes with SIGTERM: the futures of what they run break. */
  terminateWorkers(): void {
    this.#end('terminateWorkers', true);
  }

  /** {@link terminateWorkers} with SIGKILL. */
  killWorkers(): void {
    this.#end('killWorkers', false);
  }

  #end(method: string, gently: boolean): void {
    this.shutdown({ wait: false, cancelFutures: true });
    const error = new BrokenProcessPool(`ProcessPoolExecutor.${method} has ended the process that ran this task`);
    this[CLIENT].supervisor?.stopAll(error, gently);
  }
}
registerReducer(ProcessPoolExecutor, {
  tag: 'futures.ProcessPoolExecutor',
  dump: (executor: ProcessPoolExecutor, context) => shareClient(executor, context),
  load: (state) => sharedClient(ProcessPoolExecutor, state),
});

function newClient(given: number | null | ProcessPoolExecutorOptions): CrewClient {
  const who = 'ProcessPoolExecutor';
  const options = settingsOf<ProcessPoolExecutorOptions>(given, 'maxWorkers', who);
  const maximum = checkCount(options.maxWorkers, 'maxWorkers', who) ?? availableParallelism();
  const { initializer, initargs } = checkInitializer(options, who);
  const maxTasks = checkCount(options.maxTasksPerChild, 'maxTasksPerChild', who) ?? 0;
  const idleTimeout = checkSeconds(options.idleTimeout, 'idleTimeout', who);
  const setup = { kind: who, initializer, initargs, maxTasks, idleTimeout } as const;
  return CrewClient.create(systemMemory(), maximum, setup, hireProcesses(false));
}
