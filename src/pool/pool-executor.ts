/** What the executors over threads and over processes of this library have in common. */

import { interruptible } from '../memory/flow.ts';
import type { ModuleTarget } from '../pickle/module-target.ts';
import { beforeThreadsEnd } from '../thread/shutdown.ts';
import type { Target } from '../thread/target.ts';
import type { CrewClient } from './client.ts';
import { collectUntil } from './collect.ts';
import { BROKEN } from './crew-layout.ts';
import { ended } from './ended.ts';
import { startIsWatched } from './events.ts';
import { Executor, type ShutdownOptions, type SubmitOptions, shutDownError } from './executor.ts';
import { type Future, STATE } from './future.ts';
import { PoolFuture, TaskGroup } from './pool-future.ts';
import { CLIENT, rememberClient } from './shared-client.ts';
import { TELL_START } from './slots.ts';
import type { ExecutorStats } from './statistics.ts';
import { submissionSite } from './submission-site.ts';
import { TaskLimits } from './task-limits.ts';
import type { Mode } from './task-message.ts';

const IS_BUSY = Symbol('busy');

export abstract class PoolExecutor extends Executor {
  readonly #client: CrewClient;
  readonly #group = new TaskGroup();
  #shutDown = false;

  /** @internal */
  protected constructor(client: CrewClient) {
    super();
    this.#client = client;
    rememberClient(this);
    finishAtExit(this);
  }

  /** @internal */
  get [CLIENT](): CrewClient {
    return this.#client;
  }

  /** What has become of the tasks that were submitted through this object (ours). */
  stats(): ExecutorStats {
    const { tasks, workers } = this.#client.crew;
    return this.#group.statistics.snapshot(tasks.length, workers.running(), workers.restarts, workers.alive);
  }

  /** @internal Whether tasks of this object are under way. */
  get [IS_BUSY](): boolean {
    return this.#group.pending > 0;
  }

  override shutdown(options: ShutdownOptions = {}): void {
    const { wait = true, cancelFutures = false } = options;
    this.#close(cancelFutures);
    if (!wait) return;
    collectUntil(() => this.#group.pending === 0, Number.POSITIVE_INFINITY, `${this.#client.kind}.shutdown`);
    this.#client.supervisor?.joinAll();
  }

  override async shutdownAsync(options: ShutdownOptions = {}): Promise<void> {
    const { wait = true, cancelFutures = false } = options;
    this.#close(cancelFutures);
    if (!wait) return;
    await interruptible(ended(this.#group.futures(this.#client.crew.memory)));
    await this.#client.supervisor?.joinAllAsync();
  }

  #close(cancelFutures: boolean): void {
    this.#shutDown = true;
    this.#client.close();
    if (cancelFutures) for (const future of this.#group.futures(this.#client.crew.memory)) future.cancel();
  }

  /** @internal */
  override dispatch(
    fn: Target | ModuleTarget,
    args: readonly unknown[],
    mode: Mode,
    options: SubmitOptions,
    callee: (...args: never[]) => unknown,
  ): Future<unknown> {
    const { crew, kind } = this.#client;
    if (this.#shutDown) throw shutDownError();
    const hasLimits = options.signal != null || options.timeout != null;
    const future = new PoolFuture(this.#group);
    const flags = hasLimits || startIsWatched() ? TELL_START : 0;
    const task = this.#client.submit(fn, args, mode, future, flags, `${kind}.submit`);
    if (task === 0) {
      if (crew.state === BROKEN) throw crew.reasonError() ?? shutDownError();
      throw shutDownError();
    }
    future[STATE].follow(this.#client.tasks, task, submissionSite(callee, fn));
    future.submitted(this, fn);
    if (hasLimits) future.limits = new TaskLimits(this.#client.tasks, task, options, () => future.cancel());
    try {
      if (options.transferList) structuredClone(null, { transfer: [...new Set(options.transferList)] });
    } catch (error) {
      future.cancel(); // one of them cannot be given away
      throw error;
    }
    return future;
  }
}

const executors = new Set<WeakRef<PoolExecutor>>();
let watchingExit = false;
const forgotten = new FinalizationRegistry<WeakRef<PoolExecutor>>((reference) => executors.delete(reference));

/** Tasks that are under way when the program ends are run to their end first, as in CPython. */
function finishAtExit(executor: PoolExecutor): void {
  if (!watchingExit) {
    watchingExit = true;
    beforeThreadsEnd(() => {
      for (const each of executors) {
        const live = each.deref();
        if (live?.[IS_BUSY]) live.shutdown();
      }
      executors.clear();
    });
  }
  const reference = new WeakRef(executor);
  executors.add(reference);
  forgotten.register(executor, reference);
}
