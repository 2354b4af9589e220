/** What the executors over threads and over processes of this library have in common. */

import type { ModuleTarget } from '../pickle/module-target.ts';
import type { Target } from '../thread/target.ts';
import type { CrewClient } from './client.ts';
import { collectUntil } from './collect.ts';
import { BROKEN } from './crew.ts';
import { Executor, type ShutdownOptions, type SubmitOptions, shutDownError } from './executor.ts';
import { FOLLOW, type Future } from './future.ts';
import { PoolFuture } from './pool-future.ts';
import { CLIENT, rememberClient } from './shared-client.ts';
import { TELL_START } from './slots.ts';
import { type ExecutorStats, Statistics } from './statistics.ts';
import { submissionSite } from './submission-site.ts';
import { TaskLimits } from './task-limits.ts';
import { CALL, EACH_SPREAD, type Mode } from './task-message.ts';

export abstract class PoolExecutor extends Executor {
  readonly #client: CrewClient;
  readonly #statistics = new Statistics();
  readonly #pending = new Set<PoolFuture>();
  #shutDown = false;

  /** @internal */
  protected constructor(client: CrewClient) {
    super();
    this.#client = client;
    rememberClient(this);
  }

  /** @internal */
  get [CLIENT](): CrewClient {
    return this.#client;
  }

  /** @internal */
  override dispatch(
    fn: Target | ModuleTarget,
    args: readonly unknown[],
    options: SubmitOptions,
    callee: (...args: never[]) => unknown,
  ): Future<unknown> {
    return this.#dispatch(fn, args, CALL, options, callee);
  }

  /** @internal */
  override dispatchChunk(
    fn: Target | ModuleTarget,
    chunk: readonly (readonly unknown[])[],
    callee: (...args: never[]) => unknown,
  ): Future<unknown[]> {
    return this.#dispatch(fn, chunk, EACH_SPREAD, NO_OPTIONS, callee) as Future<unknown[]>;
  }

  /** What has become of the tasks that were submitted through this object (ours). */
  stats(): ExecutorStats {
    const { queued, running } = this.#client.crew.counts();
    return this.#statistics.snapshot(queued, running, this.#client.crew.restarts, this.#client.crew.alive);
  }

  override shutdown(options: ShutdownOptions = {}): void {
    const { wait = true, cancelFutures = false } = options;
    this.#close(cancelFutures);
    if (!wait) return;
    collectUntil(() => this.#pending.size === 0, Number.POSITIVE_INFINITY, `${this.#client.kind}.shutdown`);
    this.#client.supervisor?.joinAll();
  }

  override async shutdownAsync(options: ShutdownOptions = {}): Promise<void> {
    const { wait = true, cancelFutures = false } = options;
    this.#close(cancelFutures);
    if (!wait) return;
    await Promise.all([...this.#pending].map((future) => future.then(nothing, nothing)));
    await this.#client.supervisor?.joinAllAsync();
  }

  #close(cancelFutures: boolean): void {
    this.#shutDown = true;
    this.#client.close();
    if (cancelFutures) for (const future of [...this.#pending]) future.cancel();
  }

  #dispatch(
    fn: Target | ModuleTarget,
    args: readonly unknown[],
    mode: Mode,
    options: SubmitOptions,
    callee: (...args: never[]) => unknown,
  ): Future<unknown> {
    const { crew, kind } = this.#client;
    if (this.#shutDown) throw shutDownError();
    const hasLimits = options !== NO_OPTIONS && (options.signal != null || options.timeout != null);
    const future = new PoolFuture(this.#pending, this.#statistics);
    const flags = hasLimits || PoolFuture.startIsWatched ? TELL_START : 0;
    const task = this.#client.submit(fn, args, mode, future, flags, `${kind}.submit`);
    if (task === null) {
      if (crew.state === BROKEN) throw crew.reasonError() ?? shutDownError();
      throw shutDownError();
    }
    future[FOLLOW](task, submissionSite(callee, fn));
    future.submitted(this, fn);
    if (hasLimits) future.limits = new TaskLimits(task, options, () => future.cancel());
    if (options.transferList) structuredClone(null, { transfer: [...new Set(options.transferList)] });
    return future;
  }
}

const NO_OPTIONS: SubmitOptions = Object.freeze({});

function nothing(): void {}
