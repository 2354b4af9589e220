/** The signals of this system, by name and by number. */

import { constants } from 'node:os';
import { ValueError } from '../errors.ts';
import { describe } from '../sync/timeout.ts';

const { signals } = constants;

/** The terminal is gone. */
export const SIGHUP: number = signals.SIGHUP;
/** Ctrl-C. */
export const SIGINT: number = signals.SIGINT;
/** Ctrl-\\. */
export const SIGQUIT: number = signals.SIGQUIT;
/** An illegal instruction. */
export const SIGILL: number = signals.SIGILL;
/** A breakpoint. */
export const SIGTRAP: number = signals.SIGTRAP;
/** `abort()`. */
export const SIGABRT: number = signals.SIGABRT;
/** The same as `SIGABRT`. */
export const SIGIOT: number = signals.SIGIOT;
/** A bad access to memory. */
export const SIGBUS: number = signals.SIGBUS;
/** A wrong calculation with integers. */
export const SIGFPE: number = signals.SIGFPE;
/** Ends the process; it cannot be caught or ignored. */
export const SIGKILL: number = signals.SIGKILL;
/** For whatever a program wants; Node starts its debugger unless there is a handler. */
export const SIGUSR1: number = signals.SIGUSR1;
/** A bad access to memory. */
export const SIGSEGV: number = signals.SIGSEGV;
/** For whatever a program wants. */
export const SIGUSR2: number = signals.SIGUSR2;
/** Nobody reads from the pipe; Node ignores it. */
export const SIGPIPE: number = signals.SIGPIPE;
/** The alarm. */
export const SIGALRM: number = signals.SIGALRM;
/** Asks the process to end. */
export const SIGTERM: number = signals.SIGTERM;
/** A child has stopped or ended. */
export const SIGCHLD: number = signals.SIGCHLD;
/** Not used. */
export const SIGSTKFLT: number = signals.SIGSTKFLT;
/** Go on after a stop. */
export const SIGCONT: number = signals.SIGCONT;
/** Stops the process; it cannot be caught or ignored. */
export const SIGSTOP: number = signals.SIGSTOP;
/** Ctrl-Z. */
export const SIGTSTP: number = signals.SIGTSTP;
/** A process in the background reads from the terminal. */
export const SIGTTIN: number = signals.SIGTTIN;
/** A process in the background writes to the terminal. */
export const SIGTTOU: number = signals.SIGTTOU;
/** Urgent data has come in at a socket. */
export const SIGURG: number = signals.SIGURG;
/** The limit of processor time is reached. */
export const SIGXCPU: number = signals.SIGXCPU;
/** The limit of a file size is reached. */
export const SIGXFSZ: number = signals.SIGXFSZ;
/** The timer of the time that the process has run (`ITIMER_VIRTUAL`). */
export const SIGVTALRM: number = signals.SIGVTALRM;
/** The timer of the time that the process and the system for it have run (`ITIMER_PROF`). */
export const SIGPROF: number = signals.SIGPROF;
/** The terminal has another size. */
export const SIGWINCH: number = signals.SIGWINCH;
/** Input or output is possible. */
export const SIGIO: number = signals.SIGIO;
/** The same as `SIGIO`. */
export const SIGPOLL: number = signals.SIGPOLL;
/** The power fails. */
export const SIGPWR: number = signals.SIGPWR;
/** A bad system call. */
export const SIGSYS: number = signals.SIGSYS;

/**
 * The signals of this system that Node knows by a name.
 *
 * Python: https://docs.python.org/3/library/signal.html#signal.valid_signals
 */
export function validSignals(): Set<number> {
  return new Set(Object.values(signals).sort((a, b) => a - b));
}

/** Node's name of a signal. */
export function nameOf(signum: number): NodeJS.Signals {
  const found = Object.entries(signals).find(([, number]) => number === signum);
  return found?.[0] as NodeJS.Signals;
}

/** @throws TypeError it is no integer. @throws ValueError there is no such signal. */
export function checkSignal(signum: unknown, who: string): void {
  if (!Number.isInteger(signum)) {
    throw new TypeError(`${who}: signum must be a number such as signal.SIGINT, not ${describe(signum)}`);
  }
  if (nameOf(signum as number) === undefined) {
    throw new ValueError(`${who}: there is no signal ${signum} here; validSignals() lists them`);
  }
}
