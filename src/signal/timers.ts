/** Signals that come by themselves after some time: the alarm and the three timers of a process. */

import { ValueError } from '../errors.ts';
import { loadSignals } from '../memory/libc-signals.ts';
import { describe } from '../sync/timeout.ts';

/** Timer of the time that passes; sends SIGALRM. */
export const ITIMER_REAL = 0;
/** Timer of the time that the process runs; sends SIGVTALRM. */
export const ITIMER_VIRTUAL = 1;
/** Timer of the time that the process runs, or the system for it; sends SIGPROF. */
export const ITIMER_PROF = 2;

const LONGEST = 0x7fff_ffff;

/**
 * Has the system send SIGALRM to this process in `seconds` seconds, in place of an alarm that was set before; 0: only
 * calls that off. Without a handler SIGALRM ends the process. Any thread may call this; it is libc's `alarm`.
 * @param seconds a whole number; {@link setitimer} takes fractions.
 * @returns the seconds that were left until the alarm before, 0 if there was none.
 * @throws TypeError it is no integer. @throws ValueError it is negative, or longer than 2^31 - 1.
 *
 * Python: https://docs.python.org/3/library/signal.html#signal.alarm
 */
export function alarm(seconds: number): number {
  if (!Number.isInteger(seconds)) {
    throw new TypeError(
      `alarm: seconds must be an integer, not ${describe(seconds)}; setitimer(ITIMER_REAL, seconds) takes fractions`,
    );
  }
  checkSeconds(seconds, 'alarm', 'seconds');
  return loadSignals().alarm(seconds);
}

/**
 * Starts one of the three timers of a process, or stops it (`seconds` 0): its signal comes after `seconds` seconds and,
 * unless `interval` is 0, every `interval` seconds from then on. `ITIMER_REAL` and {@link alarm} are the same timer.
 * @param seconds fractions allowed, down to microseconds.
 * @returns `[seconds, interval]` of the timer before: what was left, 0 if it did not run.
 * @throws ValueError there is no such timer, or a time is negative or longer than 2^31 - 1 seconds.
 *
 * Python: https://docs.python.org/3/library/signal.html#signal.setitimer
 */
export function setitimer(which: number, seconds: number, interval = 0): [seconds: number, interval: number] {
  checkTimer(which, 'setitimer');
  checkSeconds(seconds, 'setitimer', 'seconds');
  checkSeconds(interval, 'setitimer', 'interval');
  return loadSignals().setitimer(which, seconds, interval);
}

/**
 * What is left of a timer, and its interval; zeros if it does not run.
 * @throws ValueError there is no such timer.
 *
 * Python: https://docs.python.org/3/library/signal.html#signal.getitimer
 */
export function getitimer(which: number): [seconds: number, interval: number] {
  checkTimer(which, 'getitimer');
  return loadSignals().getitimer(which);
}

function checkTimer(which: unknown, who: string): void {
  if (which === ITIMER_REAL || which === ITIMER_VIRTUAL || which === ITIMER_PROF) return;
  throw new ValueError(
    `${who}: the timer must be ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF (0, 1, 2), not ${describe(which)}`,
  );
}

function checkSeconds(seconds: unknown, who: string, name: string): void {
  if (typeof seconds !== 'number' || Number.isNaN(seconds)) {
    throw new TypeError(`${who}: ${name} must be a number, not ${describe(seconds)}`);
  }
  if (seconds < 0 || seconds > LONGEST) {
    throw new ValueError(`${who}: ${name} must be between 0 and ${LONGEST}, not ${seconds}`);
  }
}
