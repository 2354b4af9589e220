import { randomBytes } from 'node:crypto';
import { BrokenExecutor, PicklingError, ValueError } from '../errors.ts';
import { localMemory } from '../memory/local-memory.ts';
import { dumps } from '../pickle/index.ts';
import type { ModuleTarget } from '../pickle/module-target.ts';
import { registerReducer } from '../pickle/reducer.ts';
import { SimpleQueue } from '../queue/threading.ts';
import { describe } from '../sync/timeout.ts';
import { beforeThreadsEnd, whenThreadEnds } from '../thread/shutdown.ts';
import { checkTarget, type Target } from '../thread/target.ts';
import { Thread } from '../thread/thread.ts';
import { carry } from './bullmq-carrier.ts';
import { checkConnection, checkPackages, type Endpoint, type RedisConnection } from './bullmq-connection.ts';
import { authkeyOf, checkSize } from './bullmq-envelope.ts';
import type { CarrierSettings, Order } from './bullmq-order.ts';
import { rootOf } from './bullmq-root.ts';
import { BullMQTask } from './bullmq-task.ts';
import { collectUntil } from './collect.ts';
import { startIsWatched } from './events.ts';
import { Executor, type ShutdownOptions, type SubmitOptions, shutDownError } from './executor.ts';
import { type Future, STATE } from './future.ts';
import { Mailbox } from './mailbox.ts';
import { checkCount, checkSeconds } from './options.ts';
import { PoolFuture, TaskGroup } from './pool-future.ts';
import { type Destination, settleGoneTask } from './settle.ts';
import { TELL_START } from './slots.ts';
import type { ExecutorStats } from './statistics.ts';
import { submissionSite } from './submission-site.ts';
import { TaskLimits } from './task-limits.ts';
import type { Mode } from './task-message.ts';

/** What executors and workers must agree on to meet. */
export interface BullMQMeetingPoint {
  /** Where Redis is (default 127.0.0.1:6379). Of a client of ioredis only the address is taken. */
  connection?: RedisConnection | null;
  /** Name of the queue in BullMQ (default `threadwork`). */
  queue?: string;
  /** What all names in Redis begin with (default `bull`, as in BullMQ). */
  prefix?: string;
  /**
   * The secret that executors and workers share; absent: the environment variable `THREADWORK_AUTHKEY`. Tasks are code,
   * and a worker runs only what is signed with it.
   */
  authkey?: string | Uint8Array | null;
  /**
   * The folder of the project, the same project on each machine; absent: the nearest folder with a `package.json`,
   * from the working folder upwards. Files below it are found on the other machine below its own root.
   */
  root?: string | URL | null;
}

/** What a `BullMQExecutor` is made of. */
export interface BullMQExecutorOptions extends BullMQMeetingPoint {
  /** How often a task may be begun, if workers die over it (default 1). What a task throws is never repeated. */
  attempts?: number;
  /** Seconds that Redis may be away before all that is under way fails (default 60). */
  reconnectTimeout?: number;
  /** Seconds that Redis keeps results for an executor that does not fetch them, for it has died (default 3600). */
  resultTtl?: number;
}

const IS_BUSY = Symbol('busy');
const NONE = new Uint8Array();

let counter = 0;

/**
 * Runs functions on any number of machines: tasks go through a queue of BullMQ in Redis to workers that were started
 * with `npx threadwork worker`. Arguments and results are copied; locks, queues and what else lives in shared memory
 * cannot go. A thread of its own talks to Redis, so that any thread may block for a result. See docs/bullmq.md.
 *
 * Needs the packages `bullmq` and `ioredis`.
 */
export class BullMQExecutor extends Executor {
  readonly #group = new TaskGroup();
  readonly #orders = new SimpleQueue<Order>();
  readonly #carrier: Thread<typeof carry>;
  readonly #functions = new WeakMap<object, Uint8Array>();
  readonly #destinations = new WeakMap<object, Destination>();
  readonly #number = counter++;
  #tasks = 0;
  #shutDown = false;
  #watching = false;

  /**
   * @throws ValueError there is no authkey, or an option is out of range. @throws TypeError an option is of the wrong
   * type. @throws RuntimeError `bullmq` or `ioredis` is not installed.
   */
  constructor(options: BullMQExecutorOptions = {}) {
    super();
    const who = 'BullMQExecutor';
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(`${who}: needs { connection, queue, authkey, … }, not ${describe(options)}`);
    }
    const settings: CarrierSettings = {
      ...meetingPointOf(options, who),
      executor: randomBytes(8).toString('hex'),
      attempts: checkCount(options.attempts, 'attempts', who) ?? 1,
      keep: checkSeconds(options.resultTtl, 'resultTtl', who) ?? 3600,
      reconnectTimeout: checkSeconds(options.reconnectTimeout, 'reconnectTimeout', who) ?? 60,
    };
    checkPackages();
    this.#carrier = new Thread({
      target: carry,
      args: [this.#orders, settings],
      name: `${who}-${this.#number}`,
      daemon: true,
    });
    this.#carrier.start();
    finishInTime(this, this.#orders);
  }

  /** What has become of the tasks that were submitted through this object; of the workers it knows nothing. */
  stats(): Omit<ExecutorStats, 'workers' | 'workerRestarts'> {
    const running = this.#group.futures(localMemory()).filter((future) => future.running()).length;
    const {
      workers: _,
      workerRestarts: __,
      ...stats
    } = this.#group.statistics.snapshot(this.#group.pending - running, running, 0, 0);
    return stats;
  }

  /**
   * No task can be submitted any more; blocks until all have ended, unless `wait` is false. The workers go on.
   */
  override shutdown(options: ShutdownOptions = {}): void {
    const { wait = true, cancelFutures = false } = options;
    this.#close(cancelFutures);
    if (!wait) return;
    collectUntil(() => this.#group.pending === 0, Number.POSITIVE_INFINITY, 'BullMQExecutor.shutdown');
    this.#carrier.join();
  }

  override async shutdownAsync(options: ShutdownOptions = {}): Promise<void> {
    const { wait = true, cancelFutures = false } = options;
    this.#close(cancelFutures);
    if (!wait) return;
    await Promise.all(this.#group.futures(localMemory()).map((future) => future.then(nothing, nothing)));
    await this.#carrier.joinAsync();
  }

  #close(cancelFutures: boolean): void {
    if (cancelFutures) for (const future of this.#group.futures(localMemory())) future.cancel();
    if (this.#shutDown) return;
    this.#shutDown = true;
    this.#orders.put({ what: 'close' });
  }

  /** @internal Whether tasks of this object are under way. */
  get [IS_BUSY](): boolean {
    return this.#group.pending > 0;
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
    if (!this.#carrier.isAlive()) throw carrierError();
    const { signal = null, timeout = null, transferList } = options;
    const memory = localMemory();
    const mailbox = Mailbox.in(memory);
    const pickledFn = this.#pickle(fn);
    const pickled = args.length === 0 ? NONE : dumps(args, { scope: 'cluster', root: 'args' }).bytes.slice();
    checkSize(pickledFn.length + pickled.length, 'the task');
    const future = new PoolFuture(this.#group);
    const index = mailbox.open(future, signal !== null || startIsWatched() ? TELL_START : 0);
    const task = new BullMQTask(mailbox, index, this.#tasks++, this.#orders);
    const { number, to } = task;
    try {
      if (transferList) structuredClone(null, { transfer: [...new Set(transferList)] });
      this.#orders.put({ what: 'run', number, to, mode, timeout, fn: pickledFn, args: pickled });
    } catch (error) {
      mailbox.close(index);
      throw error;
    }
    future[STATE].follow(task, to.slot, submissionSite(callee, fn));
    this.#destinations.set(future, to);
    future.submitted(this, fn);
    // The time is kept by the worker.
    if (signal !== null) future.limits = new TaskLimits(task, to.slot, { signal }, () => future.cancel());
    this.#watch();
    return future;
  }

  /** A function is pickled when it is first submitted, with what it captures as it is then. */
  #pickle(fn: Target | ModuleTarget): Uint8Array {
    const known = this.#functions.get(fn as object);
    if (known !== undefined) return known;
    const who = 'BullMQExecutor.submit';
    const bytes = dumps(checkTarget(fn ?? {}, who), { scope: 'cluster', root: who }).bytes.slice();
    this.#functions.set(fn as object, bytes);
    return bytes;
  }

  /** While tasks are under way: were the carrier to die, nobody else would settle them. */
  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    const memory = localMemory();
    const stop = Mailbox.in(memory).whileWaiting(() => {
      if (this.#group.pending === 0 || !this.#carrier.isAlive()) {
        stop();
        this.#watching = false;
      }
      if (this.#group.pending > 0 && !this.#carrier.isAlive()) {
        for (const future of this.#group.futures(memory)) {
          settleGoneTask(memory, this.#destinations.get(future) as Destination, carrierError());
        }
      }
    });
  }
}

function carrierError(): BrokenExecutor {
  return new BrokenExecutor('the thread that talks to Redis for this BullMQExecutor has ended; make another executor');
}

/** @internal The checked options that executors and workers have in common. */
export function meetingPointOf(
  { connection, queue = 'threadwork', prefix = 'bull', authkey, root }: BullMQMeetingPoint,
  who: string,
): { endpoint: Endpoint; queue: string; prefix: string; key: Uint8Array; root: string } {
  for (const [name, value] of Object.entries({ queue, prefix })) {
    if (typeof value !== 'string') throw new TypeError(`${who}: ${name} must be a text, not ${describe(value)}`);
    if (value === '') throw new ValueError(`${who}: ${name} must not be empty`);
  }
  if (queue.includes(':')) throw new ValueError(`${who}: queue must not contain a colon, but is ${describe(queue)}`);
  const endpoint = checkConnection(connection, who);
  return { endpoint, queue, prefix, key: authkeyOf(authkey, who), root: rootOf(root, who) };
}

interface Live {
  executor: WeakRef<BullMQExecutor>;
  orders: SimpleQueue<Order>;
}

const alive = new Set<Live>();
let watchingEnd = false;
/** Nobody can submit any more: the thread goes when what is under way has ended. */
const forgotten = new FinalizationRegistry<Live>((live) => {
  alive.delete(live);
  live.orders.put({ what: 'close' });
});

/** Tasks that are under way when the program ends are run to their end first, as in CPython. */
function finishInTime(executor: BullMQExecutor, orders: SimpleQueue<Order>): void {
  if (!watchingEnd) {
    watchingEnd = true;
    beforeThreadsEnd(() => {
      for (const { executor } of alive) {
        const live = executor.deref();
        if (live?.[IS_BUSY]) live.shutdown();
      }
      alive.clear();
    });
    whenThreadEnds(() => {
      for (const { executor } of alive) executor.deref()?.shutdown({ wait: false });
      alive.clear();
    });
  }
  const live = { executor: new WeakRef(executor), orders };
  alive.add(live);
  forgotten.register(executor, live);
}

function nothing(): void {}

registerReducer(BullMQExecutor, {
  tag: 'futures.BullMQExecutor',
  dump(_executor, context): never {
    throw new PicklingError(
      `${context.path()}: a BullMQExecutor cannot be sent; make one in each thread or process that submits tasks`,
    );
  },
  load(): never {
    throw new PicklingError('a BullMQExecutor cannot be sent');
  },
});
