/**
 * Who handles which signal. A handler is called with `(signum, frame)`, in the main thread:
 *
 * - when its event loop turns: it is then a listener of `process`, which tells that the signal has come;
 * - or while it blocks (`pause`, `acquire`, `join`, `get`, …): the wait looks at a loop of libuv's beside Node's
 *   (memory/libc-signals.ts), and calls it from there.
 *
 * Both hear of every signal. What the second one has told is counted in `#heard`, and Node's event of it, which comes
 * when the event loop turns again, is then no news. Signals of one number that have come by then are one, as in Python.
 */

import { constants } from 'node:os';
import { OSError, ValueError } from '../errors.ts';
import { type Interruptions, interruptWaits } from '../memory/interruption.ts';
import { DEFAULT, IGNORED, loadSignals, type SignalWatcher } from '../memory/libc-signals.ts';
import { isMainThread } from '../memory/role.ts';
import { describe } from '../sync/timeout.ts';
import {
  checkSignal,
  nameOf,
  SIGBUS,
  SIGCHLD,
  SIGFPE,
  SIGILL,
  SIGKILL,
  SIGSEGV,
  SIGSTOP,
  validSignals,
} from './numbers.ts';

/** Handles a signal as the system does: most end the process. */
export const SIG_DFL = 0;
/** Ignores a signal. */
export const SIG_IGN = 1;

/** Is called with the number of the signal; the second argument is always `null`, where Python has a stack frame. */
export type SignalHandler = (signum: number, frame: null) => unknown;

/** What a signal can be handled with. */
export type SignalDisposition = SignalHandler | typeof SIG_DFL | typeof SIG_IGN;

const EINVAL = 22;
/** Native code of the engine relies on them: a handler that returns would bring the same fault again, for ever. */
const FAULTS = [SIGSEGV, SIGBUS, SIGFPE, SIGILL];
/** How long another thread that runs libuv's handler may be between the pipes of the two loops, in milliseconds. */
const IN_BETWEEN = 20;

class Handlers implements Interruptions {
  readonly watcher: SignalWatcher = loadSignals().watcher();
  /** Is told after handlers have run. */
  readonly onRun = new Set<() => void>();
  readonly #handlers = new Map<number, SignalHandler>();
  /** How often our loop has told of a signal of which Node's has not told yet. */
  readonly #heard = new Map<number, number>();
  readonly #due = new Set<number>();
  #foreign = false;

  get(signum: number): SignalHandler | undefined {
    return this.#handlers.get(signum);
  }

  set(signum: number, handler: SignalHandler): void {
    if (!this.#handlers.has(signum)) {
      this.#heard.delete(signum);
      this.watcher.start(signum);
      process.on(nameOf(signum), this.#onEvent);
    }
    this.#handlers.set(signum, handler);
  }

  delete(signum: number): void {
    if (!this.#handlers.delete(signum)) return;
    this.#due.delete(signum);
    process.off(nameOf(signum), this.#onEvent);
    this.watcher.stop(signum);
  }

  /** Whether somebody listens to it by Node's means. */
  isForeign(signum: number): boolean {
    return process.listenerCount(nameOf(signum)) > (this.#handlers.has(signum) ? 1 : 0);
  }

  /** The signals that only listeners of `process` handle. */
  foreign(): number[] {
    return [...validSignals()].filter((signum) => !this.#handlers.has(signum) && this.isForeign(signum));
  }

  areDue(): boolean {
    this.#collect();
    return this.#due.size > 0;
  }

  /** Calls the handlers of the signals that have come, the lowest number first. Returns how many. */
  attend(): number {
    let count = 0;
    while (this.areDue()) {
      const signum = Math.min(...this.#due);
      this.#due.delete(signum);
      count++;
      try {
        this.#handlers.get(signum)?.(signum, null);
      } finally {
        for (const told of [...this.onRun]) told();
      }
    }
    return count;
  }

  /** Has the watcher tell also of signals that only listeners of `process` handle, while `use` runs. */
  withForeign<R>(use: (hasCome: () => boolean) => R): R {
    const watched = this.foreign();
    this.#foreign = false;
    for (const signum of watched) this.watcher.start(signum);
    try {
      return use(() => this.#foreign);
    } finally {
      for (const signum of watched) if (!this.#handlers.has(signum)) this.watcher.stop(signum);
    }
  }

  #collect(): void {
    for (const signum of this.watcher.caught()) {
      if (!this.#handlers.has(signum)) {
        this.#foreign = true;
        continue;
      }
      this.#heard.set(signum, (this.#heard.get(signum) ?? 0) + 1);
      this.#due.add(signum);
    }
  }

  readonly #onEvent = (name: NodeJS.Signals): void => {
    const signum = constants.signals[name];
    const deadline = performance.now() + IN_BETWEEN;
    do this.#collect();
    while (!this.#heard.get(signum) && performance.now() < deadline);
    const heard = this.#heard.get(signum) ?? 0;
    if (heard > 0) this.#heard.set(signum, heard - 1);
    else this.#due.add(signum);
    this.attend();
  };
}

let handlers: Handlers | undefined;

/** The handlers of this program, for its main thread. */
export function theHandlers(): Handlers {
  if (handlers === undefined) {
    handlers = new Handlers();
    interruptWaits(handlers);
  }
  return handlers;
}

/** @throws ValueError this is not the main thread. */
export function checkMainThread(who: string): void {
  if (isMainThread()) return;
  throw new ValueError(`${who}: only the main thread of a program handles signals; call it there`);
}

/**
 * Sets what happens when a signal comes: a function that is called, {@link SIG_DFL} or {@link SIG_IGN}.
 *
 * `null`, which this returns where only listeners of `process` handle the signal, means the same as `SIG_DFL`: as long
 * as there are such listeners, the signal is theirs.
 *
 * The function is called in the main thread, between two of its tasks, or in the midst of a blocking call of this
 * library, which then goes on; what it throws ends that call. Code that computes is not interrupted. Listeners that
 * others have set with `process.on()` are called too, when the event loop turns. A handler alone does not keep the
 * program alive.
 *
 * @returns what was set before.
 * @throws ValueError this is not the main thread, there is no such signal, or it reports a fault of the program itself
 * (SIGSEGV, SIGBUS, SIGFPE, SIGILL), which no JavaScript can handle. @throws TypeError the handler is none of the three.
 * @throws OSError SIGKILL and SIGSTOP cannot be handled. @throws NotImplementedError on a platform that is not supported.
 *
 * Python: https://docs.python.org/3/library/signal.html#signal.signal
 */
export function signal(signum: number, handler: SignalDisposition | null): SignalDisposition | null {
  checkSignal(signum, 'signal');
  if (typeof handler !== 'function' && handler !== SIG_DFL && handler !== SIG_IGN && handler !== null) {
    throw new TypeError(`signal: the handler must be a function, SIG_DFL or SIG_IGN, not ${describe(handler)}`);
  }
  const before = getsignal(signum);
  if (signum === SIGKILL || signum === SIGSTOP) {
    throw new OSError(`signal: ${nameOf(signum)} can be neither handled nor ignored (EINVAL)`, { errno: EINVAL });
  }
  if (typeof handler === 'function') {
    if (FAULTS.includes(signum)) {
      throw new ValueError(`signal: ${nameOf(signum)} reports a fault in native code, which no function can handle`);
    }
    theHandlers().set(signum, handler);
    return before;
  }
  theHandlers().delete(signum);
  // Listeners of process stay in force, and the end of children is libuv's to know.
  if (theHandlers().isForeign(signum) || signum === SIGCHLD) return before;
  const calls = loadSignals();
  if (handler === SIG_IGN) calls.setDisposition(signum, IGNORED);
  else if (calls.disposition(signum) === IGNORED) calls.setDisposition(signum, DEFAULT);
  return before;
}

/**
 * What is set for a signal: a function, {@link SIG_DFL} or {@link SIG_IGN}; `null` if only listeners of `process`
 * handle it.
 * @throws ValueError this is not the main thread, or there is no such signal.
 *
 * Python: https://docs.python.org/3/library/signal.html#signal.getsignal
 */
export function getsignal(signum: number): SignalDisposition | null {
  checkSignal(signum, 'getsignal');
  checkMainThread('getsignal');
  const handler = theHandlers().get(signum);
  if (handler !== undefined) return handler;
  if (theHandlers().isForeign(signum)) return null;
  return loadSignals().disposition(signum) === IGNORED ? SIG_IGN : SIG_DFL;
}
