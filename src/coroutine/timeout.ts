/**
 * gevent's `Timeout`: an error that is raised in the flow that started it when its time has passed.
 *
 * Its timer is in a table beside it: an error with private fields could not be sent to another thread.
 */

import { AssertionError, RuntimeError } from '../errors.ts';
import { beginWait, currentFlow, Flow, runInFlow } from '../memory/flow.ts';
import { describe, toMilliseconds } from '../sync/timeout.ts';
import { checkRaisable, errorOf, type Raisable } from './raisable.ts';
import { after } from './waiting.ts';

/** Options of {@link Timeout}. */
export interface TimeoutOptions {
  /** False: the timer does not keep the program alive (default true). */
  ref?: boolean;
}

interface Start {
  readonly flow: Flow;
  readonly raises: Error;
  /** Whether the time has not passed yet. */
  pending: boolean;
  /** Takes the timer back. */
  stop(): void;
}

const starts = new WeakMap<Timeout, Start>();

/**
 * Raises itself, or `exception`, in the current greenlet when so many seconds have passed since {@link start}: at the
 * await of ours that the greenlet is in, or else at its next one; the greenlet's `signal` is aborted at once. It must be
 * closed: by `using`, in a `finally`, or by {@link withAsync} and {@link withTimeout}, which do it themselves.
 *
 * Timeouts may be nested; `error === timeout` tells which one was raised.
 *
 * gevent: https://www.gevent.org/api/gevent.timeout.html
 */
export class Timeout extends Error {
  override name = 'Timeout';
  /** Seconds; `null`: never. */
  readonly seconds: number | null;
  /** What is raised in place of the timeout. A string only adds to the message; `false`: see {@link withAsync}. */
  readonly exception: Raisable | string | false | null;
  /** Whether the timer keeps the program alive. */
  readonly ref: boolean;

  /**
   * @param seconds absent or `null`: it never expires; less than 0 is 0.
   * @param exception what to raise; absent: the timeout itself.
   * @throws TypeError the seconds are no number, or the exception is none.
   */
  constructor(
    seconds: number | null = null,
    exception: Raisable | string | false | null = null,
    options: TimeoutOptions = {},
  ) {
    toMilliseconds(seconds, 'Timeout');
    if (isRaisable(exception)) checkRaisable(exception, 'Timeout');
    super(messageOf(seconds, exception));
    this.seconds = seconds;
    this.exception = exception;
    this.ref = options.ref ?? true;
  }

  /** A timeout that runs; a `timeout` that is one already is started, if it is not pending. */
  static startNew(
    timeout?: number | null | Timeout,
    exception: Raisable | string | false | null = null,
    options: TimeoutOptions = {},
  ): Timeout {
    const started = timeout instanceof Error ? timeout : new this(timeout ?? null, exception, options);
    if (!started.pending) started.start();
    return started;
  }

  /**
   * The time begins.
   * @throws AssertionError it is pending. @throws RuntimeError this is plain code, of which a thread has many flows that
   * nothing tells apart: use {@link withTimeout} or {@link withAsync}, which make one, or a greenlet.
   */
  start(): void {
    if (this.pending) throw new AssertionError('Timeout.start: it is pending; cancel() it first');
    if (this.seconds === null) return;
    const flow = currentFlow();
    if (flow === null) {
      throw new RuntimeError(
        'Timeout.start: no greenlet runs here, so there is nothing that the timeout could be raised in; ' +
          'spawn() one, or use withTimeout() or timeout.withAsync()',
      );
    }
    const raises = isRaisable(this.exception) ? errorOf(this.exception) : this;
    const expire = (): void => {
      start.pending = false;
      flow.raise(raises);
    };
    const stop = after(this.seconds * 1000, expire, this.ref);
    const start: Start = { flow, raises, stop, pending: true };
    starts.set(this, start);
    flow.atEnd(stop);
  }

  /** Whether it was started and its time has not passed. */
  get pending(): boolean {
    return starts.get(this)?.pending === true;
  }

  /** Calls it off; what has not been raised yet will not be. It can be started again. */
  cancel(): void {
    const start = starts.get(this);
    if (start === undefined) return;
    starts.delete(this);
    start.stop();
    start.flow.notAtEnd(start.stop);
    start.flow.withdraw(start.raises);
  }

  /** As {@link cancel}: it is no longer needed. */
  close(): void {
    this.cancel();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Runs `fn` with the timeout, in greenlets and in plain code: Python's `with timeout:`. What runs beside `fn`, in the
   * same greenlet, is left alone.
   * @returns what `fn` gives; nothing if `exception` is `false` and the time has passed.
   */
  async withAsync<R>(fn: () => R | PromiseLike<R>): Promise<R | undefined> {
    const outcome = await runWith(this, fn);
    if (!outcome.late) return outcome.value;
    if (this.exception === false) return undefined;
    throw outcome.error;
  }
}

/**
 * Runs `fn(...args)` for so many seconds at most. The last argument may be, or have, a `timeoutValue`: what is returned
 * when the time has passed. It may be called in plain code too.
 * @param seconds `null`: for ever.
 * @throws Timeout the time has passed, and there is no `timeoutValue`.
 *
 * gevent: https://www.gevent.org/api/gevent.timeout.html#gevent.with_timeout
 */
export async function withTimeout<A extends unknown[], R, V>(
  seconds: number | null,
  fn: (...args: A) => R,
  ...args: [...args: A, options: { timeoutValue: V }]
): Promise<Awaited<R> | V>;
export async function withTimeout<A extends unknown[], R>(
  seconds: number | null,
  fn: (...args: A) => R,
  ...args: A
): Promise<Awaited<R>>;
export async function withTimeout(
  seconds: number | null,
  fn: (...args: unknown[]) => unknown,
  ...args: unknown[]
): Promise<unknown> {
  if (typeof fn !== 'function') throw new TypeError(`withTimeout: needs a function to run, not ${describe(fn)}`);
  const { given, hasValue, timeoutValue } = takeTimeoutValue(args);
  const outcome = await runWith(new Timeout(seconds), () => fn(...given));
  if (!outcome.late) return outcome.value;
  if (hasValue) return timeoutValue;
  throw outcome.error;
}

type Outcome<R> = { late: false; value: R } | { late: true; error: Error };

/** Runs `fn` in a flow of its own inside the current one, so that the timeout is raised there and nowhere else. */
async function runWith<R>(timeout: Timeout, fn: () => R | PromiseLike<R>): Promise<Outcome<R>> {
  beginWait(undefined);
  const parent = currentFlow();
  const flow = new Flow(parent?.number ?? 0, parent?.owner ?? null, parent);
  let raises: Error | undefined;
  try {
    const value = await runInFlow(flow, async () => {
      if (!timeout.pending) timeout.start();
      raises = starts.get(timeout)?.raises;
      return await fn();
    });
    return { late: false, value };
  } catch (error) {
    if (raises === undefined || !isOrBrings(error, raises)) throw error;
    return { late: true, error: raises };
  } finally {
    timeout.close();
    flow.end();
  }
}

/** Whether an error is `reason`, or what Node's own functions make of it when their signal is aborted with it. */
export function isOrBrings(error: unknown, reason: unknown): boolean {
  return error === reason || (error instanceof Error && error.name === 'AbortError' && error.cause === reason);
}

function isRaisable(exception: unknown): exception is Raisable {
  return exception !== null && exception !== false && typeof exception !== 'string';
}

function messageOf(seconds: number | null, exception: unknown): string {
  if (seconds === null) return '';
  const text = `${seconds} second${seconds === 1 ? '' : 's'}`;
  if (exception === null) return text;
  if (exception === false) return `${text} (silent)`;
  return `${text}: ${typeof exception === 'function' ? exception.name : String(exception)}`;
}

/** As Python does with the keyword `timeout_value`: it is not for the function. */
function takeTimeoutValue(args: unknown[]): { given: unknown[]; hasValue: boolean; timeoutValue?: unknown } {
  const last = args.at(-1);
  if (typeof last !== 'object' || last === null || !Object.hasOwn(last, 'timeoutValue')) {
    return { given: args, hasValue: false };
  }
  const { timeoutValue, ...others } = last as { timeoutValue: unknown };
  const kwargs = Object.keys(others).length === 0 ? [] : [others];
  return { given: [...args.slice(0, -1), ...kwargs], hasValue: true, timeoutValue };
}
