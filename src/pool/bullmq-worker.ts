import { randomBytes } from 'node:crypto';
import { availableParallelism, hostname } from 'node:os';
import type { Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { BrokenExecutor, CancelledError, RuntimeError, ValueError } from '../errors.ts';
import { loads } from '../pickle/index.ts';
import { describe } from '../sync/timeout.ts';
import { bullmq, checkPackages, connect, isRefusal, shownEndpoint } from './bullmq-connection.ts';
import { WorkerCrew } from './bullmq-crew.ts';
import {
  type Beat,
  executorOf,
  Names,
  type NoticeHead,
  type OrderHead,
  REFUSED,
  Seal,
  type TaskHead,
} from './bullmq-envelope.ts';
import { type BullMQMeetingPoint, meetingPointOf } from './bullmq-executor.ts';
import { type Ending, endingOf, runOpenedTask } from './bullmq-run.ts';
import { checkCount, checkSeconds } from './options.ts';
import type { Mode } from './task-message.ts';

/** What a `BullMQWorker` is made of. */
export interface BullMQWorkerOptions extends BullMQMeetingPoint {
  /** How many threads run tasks; absent: as many as there are processors. */
  threads?: number | null;
  /** How many processes run tasks, in place of threads. */
  processes?: number | null;
  /** How many tasks it takes at a time; absent: as many as it has threads or processes. Those beyond wait here. */
  concurrency?: number | null;
  /** Seconds without a sign of life after which this worker counts as dead (default 10). */
  lease?: number;
  /** Seconds that Redis may be away before {@link BullMQWorker.run} gives up; absent: it does not. */
  reconnectTimeout?: number | null;
  /** Is told in a line of text what happens to the worker itself; absent: nobody is. */
  log?: ((line: string) => void) | null;
}

/** Ids of tasks that have ended here are remembered: one that comes again is not run again. */
const REMEMBERED = 10_000;

/**
 * Takes tasks of `BullMQExecutor`s out of Redis, and runs them in threads or processes of its own: what
 * `npx threadwork worker` does, for programs that want to do it themselves.
 *
 * A task that ends its thread, or is stopped, fails alone; other tasks go on.
 */
export class BullMQWorker {
  readonly #options: ReturnType<typeof optionsOf>;
  readonly #id = randomBytes(8).toString('hex');
  readonly #where = `${hostname()}, process ${process.pid}`;
  readonly #seal: Seal;
  readonly #names: Names;
  /** How to stop what is being run, and where its sender has the project. */
  readonly #running = new Map<string, { controller: AbortController; root: string }>();
  readonly #ended = new Set<string>();
  /** What executors are being told of tasks that have ended. */
  readonly #telling = new Set<Promise<void>>();
  #state: 'new' | 'running' | 'closing' | 'closed' = 'new';
  #beat = 0;
  #stop: (error: Error | null) => void = () => {};
  #crew: WorkerCrew | null = null;
  #redis: Redis | null = null;

  /**
   * @throws ValueError there is no authkey, or an option is out of range. @throws TypeError an option is of the wrong
   * type. @throws RuntimeError `bullmq` or `ioredis` is not installed.
   */
  constructor(options: BullMQWorkerOptions = {}) {
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(`BullMQWorker: needs { connection, queue, authkey, … }, not ${describe(options)}`);
    }
    this.#options = optionsOf(options);
    checkPackages();
    this.#seal = new Seal(this.#options.key);
    this.#names = new Names(this.#options.prefix, this.#options.queue);
  }

  /**
   * Runs tasks until {@link close} is called; resolves when those that had begun have ended.
   * @throws RuntimeError it was called before. @throws BrokenExecutor Redis refuses, or was away for too long.
   */
  async run(): Promise<void> {
    if (this.#state !== 'new') throw new RuntimeError('BullMQWorker.run: a worker runs once');
    this.#state = 'running';
    const { endpoint, queue, prefix, lease, concurrency, log, reconnectTimeout } = this.#options;
    const crew = new WorkerCrew(this.#options.number, this.#options.asProcesses);
    this.#crew = crew;
    const redis = connect(endpoint);
    const ears = connect(endpoint);
    this.#redis = redis;
    const stopped = new Promise<Error | null>((resolve) => {
      this.#stop = resolve;
    });
    const where = shownEndpoint(endpoint);
    let giveUp: NodeJS.Timeout | undefined;
    let isAway = false;
    const away = (error?: unknown): void => {
      if (isRefusal(error)) {
        this.#stop(new BrokenExecutor(`Redis (${where}) refuses: ${(error as Error).message}`, { cause: error }));
      }
      if (isAway || this.#state !== 'running') return;
      isAway = true;
      log(`Redis (${where}) is away${error instanceof Error ? `: ${error.message}` : ''}; trying again`);
      if (reconnectTimeout === null) return;
      const late = new BrokenExecutor(`Redis (${where}) could not be reached for ${reconnectTimeout} seconds`, {
        cause: error,
      });
      giveUp = setTimeout(() => this.#stop(late), Math.min(reconnectTimeout * 1000, 0x7fff_ffff));
    };
    redis.on('error', away);
    redis.on('close', away);
    redis.on('ready', () => {
      clearTimeout(giveUp);
      isAway = false;
      this.#sayAlive();
      log(`ready: queue ${JSON.stringify(queue)} at ${where}, ${this.#options.workers}`);
    });
    ears.on('error', () => {}); // the other connection tells the same
    ears.on('messageBuffer', (_channel: Buffer, order: Buffer) => this.#obey(order));
    ears.subscribe(this.#names.orders(this.#id)).catch(() => {});
    const { Worker: BullMQ } = bullmq();
    const worker: Worker = new BullMQ(queue, (job) => this.#process(job), {
      connection: redis as never,
      prefix,
      concurrency,
      lockDuration: lease * 1000,
      stalledInterval: lease * 500,
      // How often a task may be begun says the task.
      maxStalledCount: 1_000_000_000,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    worker.on('error', away);
    const beats = setInterval(() => this.#sayAlive(), lease * 250);
    const error = await stopped;
    this.#state = 'closing';
    if (error === null) {
      log(`closing; tasks that are being run: ${this.#running.size}`);
      await worker.close();
      await Promise.all(this.#telling);
    }
    clearInterval(beats);
    clearTimeout(giveUp);
    if (error === null) {
      await crew.shutdownAsync();
      await Promise.race([redis.del(this.#names.beat(this.#id)).catch(() => {}), later(1000)]);
    }
    void worker.close(true).catch(() => {});
    ears.disconnect();
    redis.disconnect();
    this.#state = 'closed';
    if (error === null) return;
    for (const { controller } of this.#running.values()) controller.abort(error);
    await crew.shutdownAsync({ cancelFutures: true });
    throw error;
  }

  /** Takes no task any more; {@link run} resolves when those that have begun have ended. */
  close(): void {
    if (this.#state === 'new') this.#state = 'closed';
    this.#stop(null);
  }

  /** The processor of BullMQ. It does not throw: how a task ends is told to its sender alone. */
  async #process(job: Job): Promise<null> {
    const { id } = job;
    const executor = executorOf(id);
    if (executor === null || id === undefined) return null; // not ours; a queue is for one purpose
    const notices = this.#names.notices(executor);
    const sealed = typeof job.data?.task === 'string' ? Buffer.from(job.data.task, 'base64') : Buffer.alloc(0);
    const task = this.#seal.open<TaskHead>('task', sealed);
    if (task === null || task.head.id !== id) {
      this.#options.log(`a task (${id}) is not signed with the authkey of this worker, and was not run`);
      await this.#tell(notices, Buffer.from(`${REFUSED}\n${id}\n${this.#where}`), 3600);
      return null;
    }
    const { head, body } = task;
    if (job.attemptsStarted > head.attempts) {
      await this.#tell(notices, this.#notice(head, 'exhausted'), head.keep);
      return null;
    }
    const use = `${id}/${job.timestamp}`;
    if (this.#ended.has(use) || this.#running.has(id)) return null;
    const controller = new AbortController();
    this.#running.set(id, { controller, root: head.root });
    const started = this.#tell(notices, this.#notice(head, 'started'), head.keep);
    const { failed, bytes } = await this.#run(head, body, controller.signal);
    const ended = this.#tell(notices, this.#notice(head, failed ? 'thrown' : 'value', bytes), head.keep);
    this.#remember(use);
    // Not awaited: that the job is done goes the same way, after it. Until it is known to be told, the task counts as run.
    const told = Promise.all([started, ended]).then(() => {
      this.#running.delete(id);
      this.#telling.delete(told);
    });
    this.#telling.add(told);
    return null;
  }

  async #run({ fn, mode, root: from, timeout }: TaskHead, body: Buffer, signal: AbortSignal): Promise<Ending> {
    const { root: to } = this.#options;
    try {
      const task = { fn: body.subarray(0, fn), args: body.subarray(fn), mode: mode as Mode, from, to };
      return await (this.#crew as WorkerCrew).submitWith({ signal, timeout }, runOpenedTask, task);
    } catch (error) {
      // Stopped before its thread has begun with it, it counts as cancelled there.
      const thrown = error instanceof CancelledError && signal.aborted ? signal.reason : error;
      return endingOf(true, thrown, { from: to, to: from });
    }
  }

  #notice({ id }: TaskHead, what: NoticeHead['what'], body: Uint8Array = new Uint8Array()): Buffer {
    const head: NoticeHead = { id, what, worker: this.#id, beat: this.#beat, where: this.#where };
    return this.#seal.close('notice', head, body);
  }

  /** Tells an executor something; if Redis is away, as soon as it is back. */
  async #tell(notices: string, envelope: Buffer, keepSeconds: number): Promise<void> {
    const redis = this.#redis as Redis;
    for (;;) {
      try {
        const milliseconds = Math.max(1, Math.ceil(keepSeconds * 1000));
        // Not pipeline(): to make one takes longer than both, for it gets every script of BullMQ as a method.
        await Promise.all([redis.xadd(notices, '*', 'notice', envelope), redis.pexpire(notices, milliseconds)]);
        return;
      } catch (error) {
        if (redis.status === 'end') return;
        this.#options.log(`an executor could not be told of a task: ${(error as Error).message}; trying again`);
        await later(500);
      }
    }
  }

  #remember(use: string): void {
    if (this.#ended.size >= REMEMBERED) this.#ended.delete(this.#ended.values().next().value as string);
    this.#ended.add(use);
  }

  #obey(sealed: Buffer): void {
    const order = this.#seal.open<OrderHead>('order', sealed);
    if (order === null) return;
    const task = this.#running.get(order.head.id);
    if (task === undefined || task.controller.signal.aborted) return;
    let reason: unknown;
    try {
      const here = { from: task.root, to: this.#options.root };
      if (order.body.length > 0) reason = loads(order.body, undefined, 0, here);
    } catch (error) {
      reason = error; // it cannot be made here, but the task is to stop all the same
    }
    task.controller.abort(reason);
  }

  #sayAlive(): void {
    const redis = this.#redis as Redis;
    if (redis.status !== 'ready') return;
    const beat: Beat = { number: ++this.#beat, tasks: [...this.#running.keys()] };
    const milliseconds = this.#options.lease * 1000;
    redis.set(this.#names.beat(this.#id), this.#seal.close('beat', beat), 'PX', milliseconds).catch(() => {});
  }
}

function optionsOf(options: BullMQWorkerOptions) {
  const who = 'BullMQWorker';
  const processes = checkCount(options.processes, 'processes', who);
  if (processes !== null && options.threads != null) {
    throw new ValueError(`${who}: tasks are run by threads or by processes, not by both`);
  }
  const number = processes ?? checkCount(options.threads, 'threads', who) ?? availableParallelism();
  const lease = checkSeconds(options.lease, 'lease', who) ?? 10;
  if (lease < 1) throw new ValueError(`${who}: lease must be 1 second or more, not ${lease}`);
  const [one, many] = processes === null ? ['thread', 'threads'] : ['process', 'processes'];
  return {
    ...meetingPointOf(options, who),
    number,
    asProcesses: processes !== null,
    workers: `${number} ${number === 1 ? one : many}`,
    concurrency: checkCount(options.concurrency, 'concurrency', who) ?? number,
    lease,
    reconnectTimeout: checkSeconds(options.reconnectTimeout, 'reconnectTimeout', who),
    log: options.log ?? nothing,
  };
}

function later(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function nothing(): void {}
