import { AssertionError, ValueError } from '../errors.ts';
import { beginWait } from '../memory/flow.ts';
import { objectAt, Place, SharedObject } from '../memory/handle.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { waitAsync } from '../memory/wait.ts';
import { registerReducer } from '../pickle/reducer.ts';
import { asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { describe, toMilliseconds } from '../sync/timeout.ts';
import { callTarget, type Target } from '../thread/target.ts';
import { addChild } from './child-list.ts';
import { awaitEnd, checkJoinable, ending, hasEnded, signalProcess } from './children.ts';
import { endWithProgram, processHere } from './here.ts';
import { checkWork, NO_WORK, packJob, type Work } from './job.ts';
import { NewChild, takeSpare } from './launch.ts';
import { createRecord, type ProcessOptions } from './process-options.ts';
import { ENDED, NEW, ProcessRecord, STARTED } from './record.ts';
import { Sentinel } from './sentinel.ts';
import { getStartMethod, type StartMethod } from './start-method.ts';

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
  #work: Work = NO_WORK;
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
    super(options instanceof Place ? options : createRecord(options));
    this.#record = new ProcessRecord(this.place, this);
    if (options instanceof Place) return;
    this.#known = true;
    this.#work = checkWork(options);
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
    const { target, args, kwargs } = this.#work;
    return callTarget(target, args, kwargs);
  }

  /**
   * Blocks this thread until the process has ended, in whatever way.
   * @param timeout seconds to wait at most (0 or less: look once); absent or `null`: for ever. Ask `exitcode` after.
   * @throws AssertionError it was not started, or is no child of this process. @throws ValueError it was closed.
   */
  join(timeout?: number | null): void {
    const who = `${this.#label}.join`;
    this.#checkJoinable(who);
    awaitEnd(this.#record, toMilliseconds(timeout, who));
  }

  /** {@link join} while the event loop goes on. @throws the signal's reason when it is aborted. */
  async joinAsync(options?: number | null | WaitAsyncOptions): Promise<void> {
    const who = `${this.#label}.joinAsync`;
    this.#checkJoinable(who);
    const wait = asyncWaitOf(options, who);
    beginWait(wait.signal);
    if (hasEnded(this.#record) || wait.milliseconds <= 0) return;
    await waitAsync(systemMemory(), ending(this.#record), wait);
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
  adopt({ target, args, kwargs }: Work): void {
    this.#work = { target, args, kwargs };
  }

  get #label(): string {
    return this.constructor.name || 'Process';
  }

  #pickleJob(): number {
    const parent = processAt(new Place(systemMemory(), processHere()));
    return packJob(this, parent, this.#work, this.#label);
  }

  #kill(signal: NodeJS.Signals, method: string): void {
    this.#checkOpen();
    signalProcess(this.#record, signal, `${this.#label}.${method}`);
  }

  #checkOpen(): void {
    if (this.#closed) throw new ValueError(`${this.#label}: the process object is closed`);
  }

  #checkJoinable(who: string): void {
    this.#checkOpen();
    checkJoinable(this.#record, who);
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
