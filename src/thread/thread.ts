import type { ResourceLimits } from 'node:worker_threads';
import { PicklingError, RuntimeError } from '../errors.ts';
import { beginWait } from '../memory/flow.ts';
import { objectAt, Place, SharedObject } from '../memory/handle.ts';
import { EXITING } from '../memory/layout.ts';
import { localMemory } from '../memory/local-memory.ts';
import { waitAsync } from '../memory/wait.ts';
import { registerReducer } from '../pickle/reducer.ts';
import { packParcel } from '../queue/parcel.ts';
import { asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { describe, toMilliseconds } from '../sync/timeout.ts';
import { giveToIdleWorker, hasIdleWorker } from './desk.ts';
import { customExcepthook, reportException } from './excepthook.ts';
import { ENDED, NEW, STARTED, ThreadRecord } from './record.ts';
import './report-name.ts';
import { joinAtExit } from './shutdown.ts';
import { stackLimits } from './stack-size.ts';
import { callTarget, checkArguments, checkKwargs, checkTarget, type ResolvedTarget, type Target } from './target.ts';
import { createRecord, type ThreadOptions } from './thread-options.ts';
import { awaitBirth, awaitEnd, checkJoinable, ending } from './waiting.ts';
import { NewWorker } from './workers.ts';

export type { Target };

/** What a thread finds to do: it travels as one message. */
export interface ThreadJob {
  thread: Thread<Target>;
  target: ResolvedTarget;
  args: readonly unknown[];
  kwargs: object | null;
  hook: unknown;
}

/**
 * A thread: a function, or the `run` method of a subclass, that runs at the same time as its creator, on a processor
 * of its own.
 *
 * Everything that it gets, its arguments, the fields of a subclass and the variables that its function captures, is
 * copied when it starts; shared objects (locks, queues, values, arrays) stay shared.
 *
 * Python: https://docs.python.org/3/library/threading.html#thread-objects
 */
export class Thread<F extends Target = () => void> extends SharedObject {
  readonly #record: ThreadRecord;
  #target: ResolvedTarget = null;
  #args: readonly unknown[] = [];
  #kwargs: object | null = null;
  #limits: ResourceLimits | undefined;
  /** Made here, or started here: only then is it known what it runs. */
  #known = false;

  /**
   * @throws AssertionError `group` is not null. @throws TypeError the target is no function, or an option is of the
   * wrong type. @throws FileNotFoundError a module target's file does not exist.
   */
  constructor(options?: ThreadOptions<F>);
  /** @internal */
  constructor(place: Place);
  constructor(options: ThreadOptions | Place = {}) {
    super(options instanceof Place ? options : createRecord(options));
    this.#record = new ThreadRecord(this.place, this);
    if (options instanceof Place) return;
    this.#known = true;
    this.#target = checkTarget(options.target, 'Thread');
    this.#args = checkArguments(options.args, 'Thread');
    this.#kwargs = checkKwargs(options.kwargs, 'Thread');
    this.#limits = options.resourceLimits;
  }

  /**
   * Starts the thread.
   * @throws RuntimeError it was started before, or the program is ending.
   * @throws PicklingError an argument, a field or a captured variable cannot be sent; nothing was started.
   */
  start(): void {
    const record = this.#record;
    if (record.state !== NEW) throw new RuntimeError(`${this.#label}.start: a thread can be started only once`);
    if (!this.#known) {
      throw new RuntimeError(`${this.#label}.start: only the thread that made a Thread can start it`);
    }
    const memory = localMemory();
    if (Atomics.load(memory.i32, EXITING) !== 0) {
      throw new RuntimeError(`${this.#label}.start: the program is ending; no thread can be started any more`);
    }
    const limits = this.#limits ?? stackLimits();
    // A worker that has to be made comes up while this thread pickles what it is to run.
    const worker = limits === undefined && hasIdleWorker(this.ownWorkersOnly) ? null : new NewWorker(limits);
    let parcel: number;
    try {
      parcel = this.#pickleJob();
    } catch (error) {
      worker?.dismiss();
      throw error;
    }
    if (!record.claimStart()) {
      worker?.dismiss();
      memory.holdings.release(parcel);
      throw new RuntimeError(`${this.#label}.start: a thread can be started only once`);
    }
    record.enlist(parcel);
    joinAtExit(record.daemon);
    if (worker === null && giveToIdleWorker(record.place.base, this.ownWorkersOnly)) return;
    (worker ?? new NewWorker(limits)).run(record, (error) => {
      if (record.state !== ENDED) this.workerFailed(error);
    });
  }

  /** @internal Its worker was killed from within the engine: out of memory, say. */
  protected workerFailed(error: unknown): void {
    reportException(error, this);
  }

  /** @internal Whether it must run in a worker that this very thread has made. */
  protected get ownWorkersOnly(): boolean {
    return false;
  }

  /** What the thread does: calls the target. Subclasses override it; it runs in the new thread. May be async. */
  run(): unknown {
    return callTarget(this.#target, this.#args, this.#kwargs);
  }

  /**
   * Blocks this thread until the other has ended, in whatever way.
   * @param timeout seconds to wait at most (0 or less: look once); absent or `null`: for ever. Ask `isAlive()` after.
   * @throws RuntimeError the thread was not started, or is this one.
   */
  join(timeout?: number | null): void {
    const who = `${this.#label}.join`;
    checkJoinable(this.#record, who);
    awaitEnd(this.#record, toMilliseconds(timeout, who));
  }

  /** {@link join} while the event loop goes on. @throws the signal's reason when it is aborted. */
  async joinAsync(options?: number | null | WaitAsyncOptions): Promise<void> {
    const who = `${this.#label}.joinAsync`;
    checkJoinable(this.#record, who);
    const wait = asyncWaitOf(options, who);
    beginWait(wait.signal);
    if (this.#record.endIfDead() || wait.milliseconds <= 0) return;
    await waitAsync(localMemory(), ending(this.#record), wait);
  }

  /** Whether the thread was started and has not ended. */
  isAlive(): boolean {
    return this.#record.state !== NEW && !this.#record.endIfDead();
  }

  /** The thread's name; any string, for people to read. */
  get name(): string {
    return this.#record.name;
  }

  set name(name: string) {
    this.#record.name = String(name);
  }

  /** The same as `name`. */
  getName(): string {
    return this.name;
  }

  /** The same as assigning `name`. */
  setName(name: string): void {
    this.name = name;
  }

  /** Whether the program may end while the thread runs; it then ends with it. */
  get daemon(): boolean {
    return this.#record.daemon;
  }

  /** @throws RuntimeError the thread was started. */
  set daemon(daemon: boolean) {
    if (typeof daemon !== 'boolean') {
      throw new TypeError(`${this.#label}.daemon: must be a boolean, not ${describe(daemon)}`);
    }
    if (this.#record.state !== NEW) {
      throw new RuntimeError(`${this.#label}.daemon: can only be set before start()`);
    }
    this.#record.daemon = daemon;
  }

  /** The same as `daemon`. */
  isDaemon(): boolean {
    return this.daemon;
  }

  /** The same as assigning `daemon`. */
  setDaemon(daemon: boolean): void {
    this.daemon = daemon;
  }

  /** The thread's number, unique in this program; `null` before it is started. */
  get ident(): number | null {
    return this.#record.ident || null;
  }

  /** The kernel's number of the thread; `null` before it is started. Waits for a thread that is just starting. */
  get nativeId(): number | null {
    if (this.#record.state === STARTED) awaitBirth(this.#record);
    return this.#record.native || null;
  }

  /** @internal Takes over what to run, in the thread that runs it. */
  adopt(job: ThreadJob): void {
    this.#target = job.target;
    this.#args = job.args;
    this.#kwargs = job.kwargs;
  }

  #pickleJob(): number {
    const job: ThreadJob = {
      thread: this as unknown as Thread<Target>,
      target: this.#target,
      args: this.#args,
      kwargs: this.#kwargs,
      hook: customExcepthook(),
    };
    return packParcel(localMemory(), job, 'thread', this.#label);
  }

  get #label(): string {
    return this.constructor.name || 'Thread';
  }
}

registerReducer(Thread, {
  tag: 'threading.Thread',
  dump(thread: Thread<Target>, context): number {
    if (context.scope === 'process') {
      throw new PicklingError(
        `${context.path()}: a threading.Thread exists in one process only and cannot be sent to another; ` +
          'use multiprocessing.Process',
      );
    }
    context.addReference(thread);
    return thread.place.base;
  },
  load: (payload: number): Thread<Target> => threadAt(new Place(localMemory(), payload)),
});

/** This thread's object for a thread. */
export function threadAt(place: Place): Thread<Target> {
  return objectAt(place, (at) => new Thread<Target>(at));
}
