import { inspect } from 'node:util';
import { GreenletExit, PicklingError, RuntimeError } from '../errors.ts';
import { beginWait, currentFlow, Flow, newFlowNumber, outsideFlows, runInFlow } from '../memory/flow.ts';
import { registerReducer } from '../pickle/reducer.ts';
import { type AsyncWaitSettings, asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { describe, toMilliseconds } from '../sync/timeout.ts';
import { type KillOptions, killOptions } from './kill-options.ts';
import { Links } from './links.ts';
import { errorOf, type Raisable } from './raisable.ts';
import { callText, reportFailure, reportFollowing } from './report.ts';
import { isOrBrings, Timeout } from './timeout.ts';
import { after, waitFor } from './waiting.ts';

/** Options of {@link Greenlet.get}. */
export interface GetOptions extends WaitAsyncOptions {
  /** False: do not wait (default true). */
  block?: boolean;
}

const NEW = 0;
const STARTED = 1;
const RUNNING = 2;
const ENDED = 3;

let count = 0;

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
  readonly #flow = new Flow(newFlowNumber(), this);
  readonly #number = ++count;
  #name: string | null = null;
  #target: ((...args: never) => unknown) | null;
  #args: A | readonly [];
  #label: string | null = null;
  #state = NEW;
  /** Takes the start back, while it waits for its time. */
  #stopTimer: (() => void) | null = null;
  #killedBy: Error | null = null;
  #failed = false;
  #outcome: unknown = null;
  #waiters: Set<() => void> | null = null;
  #promise: Promise<T> | null = null;
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
    if (this.#state !== NEW) return;
    this.#state = STARTED;
    void soon.then(() => this.#begin());
  }

  /** Has it run when so many seconds have passed. @throws TypeError that is no number */
  startLater(seconds: number): void {
    if (typeof seconds !== 'number' || Number.isNaN(seconds)) {
      throw new TypeError(`Greenlet.startLater: needs a number of seconds, not ${describe(seconds)}`);
    }
    const milliseconds = toMilliseconds(seconds, 'Greenlet.startLater');
    if (this.#state !== NEW) return;
    this.#state = STARTED;
    this.#stopTimer = after(milliseconds, () => this.#begin());
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
    this.#beginWait('join', wait.signal);
    if (this.#state === ENDED || wait.milliseconds < 0) return;
    await waitFor<void>(
      wait,
      (got) =>
        this.#whenEnded(
          () => got(),
          () => got(),
        ),
      nothing,
    );
  }

  /**
   * Waits until it has ended, and gives its result, or throws its error: so does `await greenlet`. The result of one that
   * was killed is the `GreenletExit`.
   * @param block false: do not wait. Or `{ block, timeout, signal }`.
   * @param timeout seconds; absent or `null`: for ever.
   * @throws Timeout it has not ended in time; it goes on. @throws RuntimeError the greenlet waits for itself.
   */
  async get(block: boolean | GetOptions = true, timeout?: number | null): Promise<T> {
    const options: GetOptions = typeof block === 'object' && block !== null ? block : { block, timeout };
    if (typeof (options.block ?? true) !== 'boolean') {
      throw new TypeError(`Greenlet.get: block must be a boolean or an options object, not ${describe(options.block)}`);
    }
    const wait = asyncWaitOf({ timeout: options.timeout, signal: options.signal }, 'Greenlet.get');
    const seconds = options.timeout ?? null;
    if (options.block === false && !this.ready()) throw new Timeout();
    return this.#result(wait, () => {
      throw new Timeout(seconds);
    });
  }

  /** Waits for the result: `await greenlet`, as {@link get}. */
  // biome-ignore lint/suspicious/noThenProperty: a greenlet can be awaited
  then<B = T, C = never>(
    onFulfilled?: ((value: T) => B | PromiseLike<B>) | null,
    onRejected?: ((reason: unknown) => C | PromiseLike<C>) | null,
  ): Promise<B | C> {
    if (currentFlow() !== null) return this.#result(FOR_EVER, never).then(onFulfilled, onRejected);
    // In plain code nothing can end the wait: all may await the same promise.
    this.#promise ??= new Promise((resolve, reject) => this.#whenEnded(resolve, reject));
    return this.#promise.then(onFulfilled, onRejected);
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
    this.#raise(options.exception);
    return options.block ? this.join(options.timeout) : Promise.resolve();
  }

  #raise(exception: Raisable): void {
    if (this.#state === ENDED || (this.#killedBy !== null && this.#flow.isUnseen(this.#killedBy))) return;
    const error = errorOf(exception);
    if (this.#state !== RUNNING) {
      this.#stopTimer?.();
      this.#end(!(error instanceof GreenletExit), error);
      return;
    }
    this.#killedBy = error;
    this.#flow.raise(error);
  }

  /** Whether it has ended. */
  ready(): boolean {
    return this.#state === ENDED;
  }

  /** Whether it has ended without an error; being killed with a `GreenletExit` is none. */
  successful(): boolean {
    return this.#state === ENDED && !this.#failed;
  }

  /** As {@link ready}. */
  get dead(): boolean {
    return this.ready();
  }

  /** Whether it was started and has not ended. */
  get started(): boolean {
    return this.#state === STARTED || this.#state === RUNNING;
  }

  /** What it has returned, or the `GreenletExit` that has ended it; `null` before, and if it has failed. */
  get value(): T | GreenletExit | null {
    return this.successful() ? (this.#outcome as T | GreenletExit) : null;
  }

  /** The error that has ended it, else `null`. */
  get exception(): unknown {
    return this.#failed ? this.#outcome : null;
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
    return (flow?.owner === this ? flow : this.#flow).signal;
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

  #begin(): void {
    if (this.#state !== STARTED) return;
    this.#state = RUNNING;
    try {
      const result = runInFlow(this.#flow, () => {
        const returned = this._run(...(this.#args as A));
        // What is awaited of it is awaited in the greenlet.
        return isThenable(returned) ? Promise.resolve(returned) : returned;
      });
      if (!(result instanceof Promise)) this.#end(false, result);
      else {
        result.then(
          (value) => this.#end(false, value),
          (error) => this.#endWith(error),
        );
      }
    } catch (error) {
      this.#endWith(error);
    }
  }

  #endWith(error: unknown): void {
    if (this.#killedBy instanceof GreenletExit && isOrBrings(error, this.#killedBy)) this.#end(false, this.#killedBy);
    else this.#end(!(error instanceof GreenletExit), error);
  }

  #end(failed: boolean, outcome: unknown): void {
    this.#label = failed ? callText(this.#functionName(), this.#args) : this.#functionName();
    this.#state = ENDED;
    this.#failed = failed;
    this.#outcome = outcome;
    // What the arguments and the function hold may go.
    this.#args = [];
    this.#target = null;
    this.#flow.end();
    this.#notifySoon();
    const waiters = this.#waiters;
    this.#waiters = null;
    if (waiters !== null) for (const waiter of waiters) waiter();
    if (!failed) return;
    try {
      this.reportError(outcome);
    } catch (error) {
      reportFollowing('reportError', this, error);
    }
  }

  #beginWait(method: string, signal?: AbortSignal): void {
    beginWait(signal);
    if (this.#state === ENDED || currentFlow()?.owner !== this) return;
    throw new RuntimeError(`Greenlet.${method}: a greenlet cannot wait for its own end, which would never come`);
  }

  #result(wait: AsyncWaitSettings, late: () => never): Promise<T> {
    try {
      this.#beginWait('get', wait.signal);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#state !== ENDED) return waitFor<T>(wait, (got, failed) => this.#whenEnded(got, failed), late);
    return this.#failed ? Promise.reject(this.#outcome) : Promise.resolve(this.#outcome as T);
  }

  /** Calls one of them when it has ended, at once if it has. @returns what takes that back */
  #whenEnded(got: (value: T) => void, failed: (error: unknown) => void): () => void {
    const tell = (): void => (this.#failed ? failed(this.#outcome) : got(this.#outcome as T));
    if (this.#state === ENDED) tell();
    else {
      this.#waiters ??= new Set();
      this.#waiters.add(tell);
    }
    return () => this.#waiters?.delete(tell);
  }

  #link(callback: (greenlet: this) => unknown, call: (greenlet: this) => unknown, method: string): void {
    if (typeof callback !== 'function') {
      throw new TypeError(`Greenlet.${method}: needs a function, not ${describe(callback)}`);
    }
    this.#links ??= new Links();
    this.#links.add(callback, call);
    if (this.#state === ENDED) this.#notifySoon();
  }

  #notifySoon(): void {
    const links = this.#links;
    if (links !== null && links.size > 0) void outsideFlows(() => soon.then(() => links.notify(this)));
  }

  #functionName(): string {
    return this.#target === null ? '_run' : this.#target.name || '(anonymous)';
  }
}

// Outside of the class: the compiler gives one that names itself another name.
function runLink<G extends Greenlet>(callback: (greenlet: G) => unknown, greenlet: G): void {
  new Greenlet(callback, greenlet).start();
}

const soon = Promise.resolve();
const FOR_EVER: AsyncWaitSettings = { milliseconds: Number.POSITIVE_INFINITY };

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

function nothing(): void {}

function never(): never {
  throw new Error('a wait without a time-out has timed out');
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
