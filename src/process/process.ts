import { AssertionError, ValueError } from '../errors.ts';
import { beginWait } from '../memory/flow.ts';
import { objectAt, Place, SharedObject } from '../memory/handle.ts';
import { PROCESS_NAME_COUNTER } from '../memory/layout.ts';
import { localMemory } from '../memory/local-memory.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { type Contest, waitAsync } from '../memory/wait.ts';
import { mainModule } from '../pickle/index.ts';
import { registerReducer } from '../pickle/reducer.ts';
import { packParcel } from '../queue/parcel.ts';
import { asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { describe, toMilliseconds } from '../sync/timeout.ts';
import {
  type Call,
  callTarget,
  checkArguments,
  checkKwargs,
  checkTarget,
  type ResolvedTarget,
  type Target,
} from '../thread/target.ts';
import { addChild } from './child-list.ts';
import { awaitEnd, hasEnded } from './children.ts';
import { endWithProgram, processHere } from './here.ts';
import { NewChild, takeSpare } from './launch.ts';
import { logSettings } from './logger.ts';
import { ENDED, NEW, ProcessRecord, STARTED } from './record.ts';
import { Sentinel } from './sentinel.ts';
import { getStartMethod, type StartMethod } from './start-method.ts';

/** What a `Process` is made of: settings, and the `target` with its `args` and `kwargs`. */
export type ProcessOptions<F extends Target = Target> = ProcessSettings & Call<F>;

/** What a `Process` is made of, beside what it calls. */
export interface ProcessSettings {
  /** Always absent or `null`, as in Python. */
  group?: null;
  /** Its name; absent: `Process-N`. */
  name?: string | null;
  /** Whether it ends with its parent; absent: as the process that makes it. */
  daemon?: boolean | null;
}

/** What a process finds to do: it travels as one message. */
export interface ProcessJob {
  process: Process<Target>;
  parent: Process<Target>;
  target: ResolvedTarget;
  args: readonly unknown[];
  kwargs: object | null;
  /** The main module of the program, its arguments and where it runs. */
  main: string | null;
  argv: string[];
  cwd: string;
  /** How the parent logs. */
  log: ReturnType<typeof logSettings>;
}

/**
 * A process: a function, or the `run` method of a subclass, that runs in a Node process of its own.
 *
 * Everything that it gets, its arguments, the fields of a subclass and the variables that its function captures, is
 * copied when it starts; objects of `multiprocessing` (locks, queues, values, arrays) stay shared.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#process-and-exceptions
 */
export class Process<F extends Target = () => void> extends SharedObject {
  readonly #record: ProcessRecord;
  #target: ResolvedTarget = null;
  #args: readonly unknown[] = [];
  #kwargs: object | null = null;
  #closed = false;
  /** Made here: only then is it known what it runs. */
  #known = false;

  /**
   * @throws AssertionError `group` is not null. @throws TypeError the target is no function, or an option is of the
   * wrong type. @throws FileNotFoundError a module target's file does not exist.
   */
  constructor(options?: ProcessOptions<F>);
  /** @internal */
  constructor(place: Place);
  constructor(options: ProcessOptions | Place = {}) {
    super(options instanceof Place ? options : newPlace(options));
    this.#record = new ProcessRecord(this.place, this);
    if (options instanceof Place) return;
    this.#known = true;
    this.#target = checkTarget(options.target, 'Process');
    this.#args = checkArguments(options.args, 'Process');
    this.#kwargs = checkKwargs(options.kwargs, 'Process');
  }

  /** How it is started; a context (`getContext`) has a class of its own. */
  protected get startMethod(): StartMethod {
    return getStartMethod();
  }

  /**
   * Starts the process.
   * @throws AssertionError it was started before, was made by another process, or this is a daemonic process.
   * @throws PicklingError an argument, a field or a captured variable cannot be sent; nothing was started.
   * @throws OSError the system has no room for another process.
   */
  start(): void {
    this.#checkOpen();
    const record = this.#record;
    if (record.state !== NEW) throw new AssertionError(`${this.#label}.start: a process can be started only once`);
    if (!this.#known || record.creator !== process.pid) {
      throw new AssertionError(`${this.#label}.start: only the process that made a Process object can start it`);
    }
    if (new ProcessRecord(new Place(systemMemory(), processHere())).daemon) {
      throw new AssertionError(`${this.#label}.start: daemonic processes are not allowed to have children`);
    }
    // The child comes up while this one pickles what it is to run.
    const child = this.startMethod === 'forkserver' ? takeSpare() : new NewChild();
    let parcel: number;
    try {
      parcel = this.#pickleJob();
    } catch (error) {
      child.dismiss();
      throw error;
    }
    if (!record.claimStart()) {
      child.dismiss();
      systemMemory().holdings.release(parcel);
      throw new AssertionError(`${this.#label}.start: a process can be started only once`);
    }
    record.begin(child.pid, parcel);
    addChild(record);
    endWithProgram();
    child.run(record, this);
  }

  /** What the process does: calls the target. Subclasses override it; it runs in the new process. May be async. */
  run(): unknown {
    return callTarget(this.#target, this.#args, this.#kwargs);
  }

  /**
   * Blocks this thread until the process has ended, in whatever way.
   * @param timeout seconds to wait at most (0 or less: look once); absent or `null`: for ever. Ask `exitcode` after.
   * @throws AssertionError it was not started, or is no child of this process. @throws ValueError it was closed.
   */
  join(timeout?: number | null): void {
    this.#checkJoinable('join');
    awaitEnd(this.#record, toMilliseconds(timeout, `${this.#label}.join`));
  }

  /** {@link join} while the event loop goes on. @throws the signal's reason when it is aborted. */
  async joinAsync(options?: number | null | WaitAsyncOptions): Promise<void> {
    this.#checkJoinable('joinAsync');
    const wait = asyncWaitOf(options, `${this.#label}.joinAsync`);
    beginWait(wait.signal);
    if (hasEnded(this.#record) || wait.milliseconds <= 0) return;
    const record = this.#record;
    const contest: Contest = {
      queue: record.ended,
      attempt: () => record.state === ENDED,
      beat: () => hasEnded(record),
      surplus: () => {},
    };
    await waitAsync(systemMemory(), contest, wait);
  }

  /** Whether the process was started and has not ended. */
  isAlive(): boolean {
    this.#checkOpen();
    return this.#record.state === STARTED && !hasEnded(this.#record);
  }

  /** Asks the process to end (SIGTERM). Does nothing if it has ended. @throws AssertionError it was not started. */
  terminate(): void {
    this.#kill('SIGTERM', 'terminate');
  }

  /** Ends the process at once (SIGKILL). Does nothing if it has ended. @throws AssertionError it was not started. */
  kill(): void {
    this.#kill('SIGKILL', 'kill');
  }

  /**
   * This object will not be used any more: every later call throws a `ValueError`.
   * @throws ValueError the process runs.
   */
  close(): void {
    if (this.#closed) return;
    if (this.#record.state === STARTED && !hasEnded(this.#record)) {
      throw new ValueError(`${this.#label}.close: the process still runs; join() it first, or terminate() it`);
    }
    this.#closed = true;
  }

  /** The process's name; any string, for people to read. */
  get name(): string {
    return this.#record.name;
  }

  /** @throws TypeError the name is no string. */
  set name(name: string) {
    if (typeof name !== 'string') throw new TypeError(`${this.#label}.name: must be a string, not ${describe(name)}`);
    this.#record.name = name;
  }

  /** Whether the process ends with its parent. */
  get daemon(): boolean {
    return this.#record.daemon;
  }

  /** @throws AssertionError the process was started. */
  set daemon(daemon: boolean) {
    if (typeof daemon !== 'boolean') {
      throw new TypeError(`${this.#label}.daemon: must be a boolean, not ${describe(daemon)}`);
    }
    if (this.#record.state !== NEW) throw new AssertionError(`${this.#label}.daemon: can only be set before start()`);
    this.#record.daemon = daemon;
  }

  /** The key with which it proves itself to managers and listeners; inherited from the process that makes it. */
  get authkey(): Uint8Array {
    return this.#record.authkey;
  }

  /** @throws TypeError the key is no `Uint8Array`. */
  set authkey(key: Uint8Array) {
    if (!(key instanceof Uint8Array)) {
      throw new TypeError(`${this.#label}.authkey: must be a Uint8Array, not ${describe(key)}`);
    }
    this.#record.authkey = key;
  }

  /** The system's number of the process; `null` before it is started. */
  get pid(): number | null {
    this.#checkOpen();
    return this.#record.pid || null;
  }

  /** The same as `pid`. */
  get ident(): number | null {
    return this.pid;
  }

  /** How it ended: its exit code, or `-N` if signal N killed it; `null` before it is started and while it runs. */
  get exitcode(): number | null {
    this.#checkOpen();
    if (this.#record.state === NEW || !hasEnded(this.#record)) return null;
    return this.#record.state === ENDED ? this.#record.status : null;
  }

  /** Something to wait for together with others: it becomes ready when the process ends. @throws ValueError not started. */
  get sentinel(): Sentinel {
    this.#checkOpen();
    if (this.#record.state === NEW) throw new ValueError(`${this.#label}.sentinel: the process was not started`);
    return Sentinel.of(this.#record);
  }

  /** @internal Takes over what to run, in the process that runs it. */
  adopt(job: ProcessJob): void {
    this.#target = job.target;
    this.#args = job.args;
    this.#kwargs = job.kwargs;
  }

  get #label(): string {
    return this.constructor.name || 'Process';
  }

  #pickleJob(): number {
    const job: ProcessJob = {
      process: this as unknown as Process<Target>,
      parent: processAt(new Place(systemMemory(), processHere())),
      target: this.#target,
      args: this.#args,
      kwargs: this.#kwargs,
      main: mainModule(),
      argv: process.argv,
      cwd: process.cwd(),
      log: logSettings(),
    };
    return packParcel(systemMemory(), job, 'process', this.#label);
  }

  #kill(signal: NodeJS.Signals, method: string): void {
    this.#checkOpen();
    if (this.#record.state === NEW) {
      throw new AssertionError(`${this.#label}.${method}: the process was not started`);
    }
    if (hasEnded(this.#record)) return;
    try {
      process.kill(this.#record.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw new ValueError(`${this.#label}: the process object is closed`);
  }

  #checkJoinable(method: string): void {
    this.#checkOpen();
    const record = this.#record;
    if (record.state === NEW) {
      throw new AssertionError(`${this.#label}.${method}: the process was not started; call start() first`);
    }
    if (record.pid === process.pid || (record.creator !== process.pid && record.pid !== process.ppid)) {
      throw new AssertionError(`${this.#label}.${method}: only a child (or the parent) of this process can be joined`);
    }
  }
}

registerReducer(Process, {
  tag: 'multiprocessing.Process',
  dump(process: Process<Target>, context): number {
    context.addReference(process);
    return process.place.base;
  },
  load: (payload: number): Process<Target> => processAt(new Place(systemMemory(), payload)),
});

/** This thread's object for a process. */
export function processAt(place: Place): Process<Target> {
  return objectAt(place, (at) => new Process<Target>(at));
}

function newPlace(options: ProcessSettings & { target?: unknown }): Place {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`Process: needs an options object such as { target, args }, not ${describe(options)}`);
  }
  if (options.group !== undefined && options.group !== null) {
    throw new AssertionError('Process: group must be null; it is reserved, as in Python');
  }
  const { daemon, name } = options;
  if (daemon !== undefined && daemon !== null && typeof daemon !== 'boolean') {
    throw new TypeError(`Process: daemon must be a boolean, not ${describe(daemon)}`);
  }
  if (name !== undefined && name !== null && typeof name !== 'string') {
    throw new TypeError(`Process: name must be a string, not ${describe(name)}`);
  }
  checkTarget(options.target, 'Process');
  const here = new ProcessRecord(new Place(systemMemory(), processHere()));
  const number = Atomics.add(localMemory().i32, PROCESS_NAME_COUNTER, 1) + 1;
  const identity = here.identity === '' ? `${number}` : `${here.identity}:${number}`;
  return ProcessRecord.create(name ?? `Process-${identity}`, daemon ?? here.daemon, identity, here.authkey);
}
