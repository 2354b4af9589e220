import { localMemory } from '../memory/local-memory.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { CrewClient } from './client.ts';
import { hireProcesses, hireThreads } from './hands.ts';
import { PoolExecutor } from './pool-executor.ts';

/**
 * The threads or processes of a worker over BullMQ. Unlike those of other executors they are replaced when they die: a
 * worker runs tasks of many programs, and the task of one must not end it for all.
 */
export class WorkerCrew extends PoolExecutor {
  constructor(maximum: number, asProcesses: boolean) {
    const kind = 'BullMQWorker';
    const setup = { kind, initializer: null, initargs: [], maxTasks: 0, idleTimeout: null } as const;
    super(
      asProcesses
        ? CrewClient.create(systemMemory(), maximum, setup, hireProcesses(false))
        : CrewClient.create(
            localMemory(),
            maximum,
            setup,
            hireThreads((n) => `${kind}_${n}`),
          ),
    );
  }
}
