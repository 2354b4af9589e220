import { PicklingError, RuntimeError } from '../errors.ts';
import { interruptible } from '../memory/flow.ts';
import { localMemory } from '../memory/local-memory.ts';
import type { ModuleTarget } from '../pickle/module-target.ts';
import { registerReducer } from '../pickle/reducer.ts';
import { encodeMessage } from '../queue/message.ts';
import { layMessage } from '../queue/parcel.ts';
import type { Target } from '../thread/target.ts';
import { ended } from './ended.ts';
import { startIsWatched } from './events.ts';
import { Executor, type ShutdownOptions, type SubmitOptions, shutDownError } from './executor.ts';
import { type Future, STATE } from './future.ts';
import { Mailbox } from './mailbox.ts';
import type { MovedArgument } from './piscina-order.ts';
import { type PiscinaLike, PiscinaPool } from './piscina-pool.ts';
import { PiscinaTask } from './piscina-task.ts';
import { PoolFuture, TaskGroup } from './pool-future.ts';
import { SentFunctions } from './sent-function.ts';
import { TELL_START } from './slots.ts';
import type { ExecutorStats } from './statistics.ts';
import { submissionSite } from './submission-site.ts';
import { TaskLimits } from './task-limits.ts';
import type { Mode } from './task-message.ts';

let numbers = 0;
/** What this thread has sent to workers of Piscina; they belong to this thread alone. */
let sentFunctions: SentFunctions | null = null;

/**
 * Runs functions in the workers of a Piscina pool of yours, beside the tasks that the pool has anyway. The pool stays
 * yours: shutting the executor down leaves it as it is.
 *
 * Piscina hands tasks out on the event loop of its thread. So that thread cannot block for a result: `result()` without
 * a time-out is a `RuntimeError` there, while other threads that have the future may wait as they like. See
 * docs/pools.md.
 */
export class PiscinaExecutor extends Executor {
  readonly #pool: PiscinaPool;
  readonly #group = new TaskGroup();
  #shutDown = false;

  /**
   * @param piscina a pool that this thread has made with `new Piscina(…)`.
   * @throws TypeError it is none.
   */
  constructor(piscina: PiscinaLike) {
    super();
    this.#pool = PiscinaPool.of(piscina);
  }

  /** What has become of the tasks that were submitted through this object; `workers` are those of the pool. */
  stats(): Omit<ExecutorStats, 'workerRestarts'> {
    const running = this.#group.futures(localMemory()).filter((future) => future.running()).length;
    const { workerRestarts: _, ...stats } = this.#group.statistics.snapshot(
      this.#group.pending - running,
      running,
      0,
      this.#pool.size,
    );
    return stats;
  }

  /**
   * No task can be submitted any more. The Piscina pool goes on.
   * @throws RuntimeError tasks are under way, and `wait` is not false: use {@link shutdownAsync}.
   */
  override shutdown(options: ShutdownOptions = {}): void {
    const { wait = true, cancelFutures = false } = options;
    this.#close(cancelFutures);
    if (!wait || this.#group.pending === 0) return;
    throw new RuntimeError(
      `PiscinaExecutor.shutdown: ${this.#group.pending} tasks are under way, for which this thread cannot block; ` +
        'use `await executor.shutdownAsync()`, `await using`, or shutdown({ wait: false })',
    );
  }

  override async shutdownAsync(options: ShutdownOptions = {}): Promise<void> {
    const { wait = true, cancelFutures = false } = options;
    this.#close(cancelFutures);
    if (wait) await interruptible(ended(this.#group.futures(localMemory())));
  }

  #close(cancelFutures: boolean): void {
    this.#shutDown = true;
    if (cancelFutures) for (const future of this.#group.futures(localMemory())) future.cancel();
  }

  /** @internal */
  override dispatch(
    fn: Target | ModuleTarget,
    args: readonly unknown[],
    mode: Mode,
    options: SubmitOptions,
    callee: (...args: never[]) => unknown,
  ): Future<unknown> {
    if (this.#shutDown) throw shutDownError();
    const memory = localMemory();
    sentFunctions ??= new SentFunctions(memory, () => numbers++);
    const sent = sentFunctions.of(fn, 'PiscinaExecutor.submit');
    const given = giveAway(args, options.transferList);
    const packed = args.length === 0 ? 0 : layMessage(memory, encodeMessage(given.copied, 'thread', 'args'));
    const mayStop = options.signal != null || options.timeout != null;
    const future = new PoolFuture(this.#group);
    let task: PiscinaTask;
    let moved: Moved;
    try {
      moved = given.move();
      const mailbox = Mailbox.in(memory);
      task = new PiscinaTask(mailbox, mailbox.open(future, mayStop || startIsWatched() ? TELL_START : 0), mayStop);
    } catch (error) {
      if (packed !== 0) memory.holdings.release(packed);
      throw error;
    }
    future[STATE].follow(task, task.slot, submissionSite(callee, fn));
    future.submitted(this, fn);
    if (mayStop) future.limits = new TaskLimits(task, task.slot, options, () => future.cancel());
    const parcel = sent.place.payload;
    memory.holdings.retain(parcel);
    void this.#run(task, { function: sent.number, parcel, mode, args: packed }, moved).finally(() => {
      // The worker has read both, or is gone.
      memory.holdings.release(parcel);
      if (packed !== 0) memory.holdings.release(packed);
    });
    return future;
  }

  async #run(
    task: PiscinaTask,
    content: { function: number; parcel: number; mode: Mode; args: number },
    { args: moved, buffers }: Moved,
  ): Promise<void> {
    const { slot, mailbox, use } = task;
    try {
      await this.#pool.run({ slot, mailbox, use, moved, ...content }, task.signal, buffers);
      task.over(false, undefined);
    } catch (error) {
      await this.#pool.stoppedHaveEnded();
      task.over(true, error);
    }
  }
}

/** Arguments that are not copied, ready to be posted. */
interface Moved {
  args: MovedArgument[] | null;
  buffers: ArrayBuffer[];
}

/**
 * Arguments that are, or view, a buffer of the list go by themselves; what else of the arguments is in such a buffer is
 * copied. `move` empties the buffers here. @throws DataCloneError one of them cannot be given away; none was.
 */
function giveAway(
  args: readonly unknown[],
  list: readonly ArrayBuffer[] | null | undefined,
): { copied: readonly unknown[]; move: () => Moved } {
  if (!list || list.length === 0) return { copied: args, move: () => ({ args: null, buffers: [] }) };
  const transfer = [...new Set(list)];
  const bufferOf = (arg: unknown): unknown => (ArrayBuffer.isView(arg) ? arg.buffer : arg);
  const isMoved = (arg: unknown): boolean => transfer.includes(bufferOf(arg) as ArrayBuffer);
  return {
    copied: args.map((arg) => (isMoved(arg) ? null : arg)),
    move: () => {
      const all = args.flatMap((value, position) =>
        isMoved(value) ? [{ position, value, isBuffer: Buffer.isBuffer(value) }] : [],
      ) as MovedArgument[];
      const moved = structuredClone(all, { transfer });
      return { args: moved, buffers: [...new Set(moved.map(({ value }) => bufferOf(value) as ArrayBuffer))] };
    },
  };
}

registerReducer(PiscinaExecutor, {
  tag: 'futures.PiscinaExecutor',
  dump(_executor, context): never {
    throw new PicklingError(
      `${context.path()}: a PiscinaExecutor cannot be sent; a Piscina pool belongs to the thread that has made it`,
    );
  },
  load(): never {
    throw new PicklingError('a PiscinaExecutor cannot be sent');
  },
});
