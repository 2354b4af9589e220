import { inspect } from 'node:util';
import { type GreenletExit, PicklingError } from '../errors.ts';
import { currentFlow } from '../memory/flow.ts';
import { registerReducer } from '../pickle/reducer.ts';
import { asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { describe, toMilliseconds } from '../sync/timeout.ts';
import { type GetOptions, getOptions } from './get-options.ts';
import { GreenletRun, type Steps } from './greenlet-run.ts';
import { type KillOptions, killOptions } from './kill-options.ts';
import { Links } from './links.ts';
import type { Raisable } from './raisable.ts';
import { callText, reportFailure, reportFollowing } from './report.ts';
import { Timeout } from './timeout.ts';

let count = 0;

/** What all do in their runs. Functions of its own for each would make spawning slower. */
let steps: Steps<Greenlet>;

/**
 * A function, async or not, that runs as a flow of its own on this thread's event loop. It takes turns with the others
 * at each `await`. It can be waited for (`await greenlet`), killed and given time-outs; `local()` and reentrant locks
 * tell it from the others.
 *
 * What is raised in a greenlet, by {@link kill} or a {@link Timeout}, is raised at the `await` of this library that it is
 * in: `sleep`, `join`, `get`, waits of groups and pools, and every `…Async` call. If it is in none, it is raised at the
 * next one. An `await` of anything else cannot be ended from outside; {@link signal} is for that.
 *
 * gevent: https://www.gevent.org/api/gevent.greenlet.html
 */
export class Greenlet<T = unknown, A extends readonly unknown[] = readonly unknown[]> implements PromiseLike<T> {
  readonly #run = new GreenletRun<T, Greenlet>(this, steps);
  readonly #number = ++count;
  #name: string | null = null;
  #target: ((...args: never) => unknown) | null;
  #args: A | readonly [];
  #label: string | null = null;
  #links: Links | null = null;

  /**
   * @param run what it runs; absent: {@link _run} of a subclass.
   * @param args the arguments; keyword arguments are the last one, an object.
   * @throws TypeError `run` is no function.
   */
  constructor(run?: ((...args: [...A]) => T | PromiseLike<T>) | null, ...args: A) {
    if (run !== undefined && run !== null && typeof run !== 'function') {
      throw new TypeError(`Greenlet: needs a function to run, not ${describe(run)}`);
    }
    this.#target = run ?? null;
    this.#args = args;
  }

  /** Makes a greenlet of this class and starts it: `Greenlet.spawn(fn, ...args)`, or that of a subclass. */
  static spawn<C extends new (...args: never) => Greenlet>(
    this: C,
    ...args: ConstructorParameters<C>
  ): InstanceType<C> {
    const greenlet = new this(...(args as never)) as InstanceType<C>;
    greenlet.start();
    return greenlet;
  }

  /** The same, started when so many seconds have passed. */
  static spawnLater<C extends new (...args: never) => Greenlet>(
    this: C,
    seconds: number,
    ...args: ConstructorParameters<C>
  ): InstanceType<C> {
    const greenlet = new this(...(args as never)) as InstanceType<C>;
    greenlet.startLater(seconds);
    return greenlet;
  }

  /** Has it run when the code that runs now comes to its next `await`. Does nothing if it was started, or killed. */
  start(): void {
    this.#run.start();
  }

  /** Has it run when so many seconds have passed. @throws TypeError that is no number */
  startLater(seconds: number): void {
    if (typeof seconds !== 'number' || Number.isNaN(seconds)) {
      throw new TypeError(`Greenlet.startLater: needs a number of seconds, not ${describe(seconds)}`);
    }
    this.#run.startLater(toMilliseconds(seconds, 'Greenlet.startLater'));
  }

  /** What the greenlet does: for subclasses to override. It is called with the arguments, and may be async. */
  _run(...args: A): T | PromiseLike<T>;
  _run(...args: never): unknown {
    return this.#target?.(...args);
  }

  /**
   * Waits until it has ended, however it has. It resolves to nothing, also when the time has passed: ask {@link ready}.
   * @param timeout seconds, or `{ timeout, signal }`; absent or `null`: for ever.
   * @throws RuntimeError the greenlet waits for itself. @throws the signal's reason when it is aborted.
   */
  async join(timeout?: number | null | WaitAsyncOptions): Promise<void> {
    const wait = asyncWaitOf(timeout, 'Greenlet.join');
    this.#run.beginWaitForEnd('Greenlet.join', wait.signal);
    if (this.ready() || wait.milliseconds < 0) return;
    await this.#run.end(wait);
  }

  /**
   * Waits until it has ended, and gives its result, or throws its error: so does `await greenlet`. The result of one that
   * was killed is the `GreenletExit`.
   * @param block false: do not wait. Or `{ block, timeout, signal }`.
   * @param timeout seconds; absent or `null`: for ever.
   * @throws Timeout it has not ended in time; it goes on. @throws RuntimeError the greenlet waits for itself.
   */
  async get(block: boolean | GetOptions = true, timeout?: number | null): Promise<T> {
    const { blocks, seconds, wait } = getOptions(block, timeout, 'Greenlet.get');
    if (!blocks && !this.ready()) throw new Timeout();
    return this.#run.result(wait, () => {
      throw new Timeout(seconds);
    });
  }

  /** Waits for the result: `await greenlet`, as {@link get}. */
  // biome-ignore lint/suspicious/noThenProperty: a greenlet can be awaited
  then<B = T, C = never>(
    onFulfilled?: ((value: T) => B | PromiseLike<B>) | null,
    onRejected?: ((reason: unknown) => C | PromiseLike<C>) | null,
  ): Promise<B | C> {
    return this.#run.promise.then(onFulfilled, onRejected);
  }

  /** As that of a promise. */
  catch<C = never>(onRejected?: ((reason: unknown) => C | PromiseLike<C>) | null): Promise<T | C> {
    return this.then(null, onRejected);
  }

  /** As that of a promise. */
  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.then().finally(onFinally);
  }

  /**
   * Raises `exception` in it, and waits until it has ended: that is when its code has, so that one that catches the
   * exception, or awaits something that is not ours, is waited for. One that has not begun never runs. Does nothing if it
   * has ended, or if an earlier kill has not been seen yet.
   * @param exception an error or a class; absent: a `GreenletExit`, with which it counts as successful. Or all options.
   * @param block false: do not wait. @param timeout seconds to wait at most; absent or `null`: for ever.
   * @throws TypeError `exception` is no error.
   */
  kill(exception?: Raisable | KillOptions, block?: boolean, timeout?: number | null): Promise<void> {
    const options = killOptions(exception, block, timeout, 'Greenlet.kill');
    this.#run.kill(options.exception);
    return options.block ? this.join(options.timeout) : Promise.resolve();
  }

  /** Whether it has ended. */
  ready(): boolean {
    return this.#run.isOver;
  }

  /** Whether it has ended without an error; being killed with a `GreenletExit` is none. */
  successful(): boolean {
    return this.#run.isOver && !this.#run.failed;
  }

  /** As {@link ready}. */
  get dead(): boolean {
    return this.ready();
  }

  /** Whether it was started and has not ended. */
  get started(): boolean {
    return this.#run.isUnderWay;
  }

  /** What it has returned, or the `GreenletExit` that has ended it; `null` before, and if it has failed. */
  get value(): T | GreenletExit | null {
    return this.successful() ? (this.#run.outcome as T | GreenletExit) : null;
  }

  /** The error that has ended it, else `null`. */
  get exception(): unknown {
    return this.#run.failed ? this.#run.outcome : null;
  }

  /** The arguments; empty when it has ended. */
  get args(): A | readonly [] {
    return this.#args;
  }

  /** `Greenlet-1` and so on, unless it is given one; any string, for people to read. */
  get name(): string {
    return this.#name ?? `Greenlet-${this.#number}`;
  }

  set name(name: string) {
    this.#name = `${name}`;
  }

  /**
   * For `fetch` and other things that are not ours (ours): is aborted when something is raised in the greenlet, with
   * that as the reason. Ask for it each time: when what was raised has been seen by a wait of ours, or was a
   * `Timeout` that is closed, there is a new one.
   */
  get signal(): AbortSignal {
    const flow = currentFlow();
    return (flow?.owner === this ? flow : this.#run.flow).signal;
  }

  /**
   * Has `callback(greenlet)` run, in a greenlet of its own, when it has ended; soon if it has.
   * @throws TypeError it is no function
   */
  link(callback: (greenlet: this) => unknown): void {
    this.#link(callback, (self) => runLink(callback, self), 'link');
  }

  /** {@link link} if it is successful. */
  linkValue(callback: (greenlet: this) => unknown): void {
    this.#link(callback, (self) => self.successful() && runLink(callback, self), 'linkValue');
  }

  /** {@link link} if it has failed. */
  linkException(callback: (greenlet: this) => unknown): void {
    this.#link(callback, (self) => !self.successful() && runLink(callback, self), 'linkException');
  }

  /** Has `callback(greenlet)` called when it has ended, in no greenlet; it should neither throw nor be async. */
  rawlink(callback: (greenlet: this) => unknown): void {
    this.#link(callback, callback, 'rawlink');
  }

  /** Takes a callback back, whichever of the links it was given to. */
  unlink(callback: (greenlet: this) => unknown): void {
    this.#links?.remove(callback);
  }

  /** Takes all callbacks back. */
  unlinkAll(): void {
    this.#links?.clear();
  }

  /** `<Greenlet "Greenlet-1": work(1, "a")>` */
  toString(): string {
    return `<${this.constructor.name} ${JSON.stringify(this.name)}: ${this.#label ?? callText(this.#functionName(), this.#args)}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /**
   * Is called with the error that has ended it: prints it to the standard error output, whether or not somebody waits
   * for the result, as gevent does. Override it to tell somebody else (ours).
   */
  protected reportError(error: unknown): void {
    reportFailure(this, error);
  }

  #end(failed: boolean, outcome: unknown): void {
    this.#label = failed ? callText(this.#functionName(), this.#args) : this.#functionName();
    // What the arguments and the function hold may go.
    this.#args = [];
    this.#target = null;
    // First the links: they are called before those that await it go on.
    this.#links?.notifySoon(this);
    this.#run.settle(failed, outcome);
    if (!failed) return;
    try {
      this.reportError(outcome);
    } catch (error) {
      reportFollowing('reportError', this, error);
    }
  }

  #link(callback: (greenlet: this) => unknown, call: (greenlet: this) => unknown, method: string): void {
    this.#links ??= new Links();
    this.#links.add(callback, call, `Greenlet.${method}`);
    if (this.ready()) this.#links.notifySoon(this);
  }

  #functionName(): string {
    return this.#target === null ? '_run' : this.#target.name || '(anonymous)';
  }

  static {
    steps = {
      run: (greenlet) => greenlet._run(...greenlet.#args),
      ended: (greenlet, failed, outcome) => greenlet.#end(failed, outcome),
    };
  }
}

// Outside of the class: the compiler gives one that names itself another name.
function runLink<G extends Greenlet>(callback: (greenlet: G) => unknown, greenlet: G): void {
  new Greenlet(callback, greenlet).start();
}

registerReducer(Greenlet, {
  tag: 'coroutine.Greenlet',
  dump(greenlet, context): never {
    throw new PicklingError(
      `${context.path()}: ${greenlet} cannot be sent: a greenlet runs on the event loop of the thread that made it; ` +
        'send its result, or a Queue that it puts into',
    );
  },
  load(): never {
    throw new PicklingError('a greenlet cannot be received');
  },
});
