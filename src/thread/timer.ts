import { registerClass } from '../pickle/index.ts';
import { Event } from '../sync/threading.ts';
import { describe } from '../sync/timeout.ts';
import { type Target, Thread } from './thread.ts';

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

  /** @throws TypeError `interval` is no number or `fn` no function. */
  constructor(interval: number, fn: F, args?: Parameters<F> | readonly unknown[] | null, kwargs?: object | null) {
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

registerClass('threading.Timer', Timer);
