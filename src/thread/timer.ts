import { registerClass } from '../pickle/index.ts';
import { Event } from '../sync/threading.ts';
import { describe } from '../sync/timeout.ts';
import type { LastArgument, LeadingArguments } from './target.ts';
import { type Target, Thread } from './thread.ts';

/** What a `Timer` calls its function with: `args`, and `kwargs` apart. */
export type TimerArguments<F extends Target> =
  | ([] extends Parameters<F>
      ? [args?: Readonly<Parameters<F>> | null, kwargs?: null]
      : [args: Readonly<Parameters<F>>, kwargs?: null])
  | [
      args: Readonly<LeadingArguments<F>> | ([] extends LeadingArguments<F> ? null : never),
      kwargs: LastArgument<F> & object,
    ];

/**
 * A thread that waits for a while and then calls a function, unless it is cancelled before.
 *
 * Python: https://docs.python.org/3/library/threading.html#timer-objects
 */
export class Timer<F extends Target = Target> extends Thread<F> {
  /** Seconds to wait. */
  interval: number;
  /** What is called then. */
  function: F;
  args: readonly unknown[];
  kwargs: object | null;
  /** Is set when the timer was cancelled or has called its function. */
  readonly finished: Event;

  /**
   * @param interval seconds to wait.
   * @param fn what is called then.
   * @param call its arguments in one array, and then, if it is given, `kwargs`: its last argument, an object.
   * @throws TypeError `interval` is no number or `fn` no function.
   */
  constructor(interval: number, fn: F, ...call: TimerArguments<F>);
  constructor(interval: number, fn: F, args?: readonly unknown[] | null, kwargs?: object | null) {
    if (typeof interval !== 'number' || Number.isNaN(interval)) {
      throw new TypeError(`Timer: interval must be a number of seconds, not ${describe(interval)}`);
    }
    if (typeof fn !== 'function') throw new TypeError(`Timer: needs a function to call, not ${describe(fn)}`);
    super();
    this.interval = interval;
    this.function = fn;
    this.args = args ?? [];
    this.kwargs = kwargs ?? null;
    this.finished = new Event();
  }

  /** Keeps the function from being called, if it has not been called yet. */
  cancel(): void {
    this.finished.set();
  }

  override async run(): Promise<void> {
    await this.finished.waitAsync(this.interval);
    try {
      if (!this.finished.isSet()) {
        await this.function(...this.args, ...(this.kwargs === null ? [] : [this.kwargs]));
      }
    } finally {
      this.finished.set();
    }
  }
}

// Its parameters depend on F, so that its type is not that of any class.
registerClass('threading.Timer', Timer as never);
