/** The status words of `wait` and `waitpid`: the exit code in the second byte, or the signal in the lowest seven bits. */

import { ValueError } from '../errors.ts';
import { describe } from '../sync/timeout.ts';

const SIGNAL_BITS = 0x7f;

/** The status word of a process with that `exitcode`. */
export function statusWord(exitcode: number): number {
  return exitcode < 0 ? -exitcode : (exitcode & 0xff) << 8;
}

/**
 * Whether the process ended by itself: with an exit code.
 *
 * Python: https://docs.python.org/3/library/os.html#os.WIFEXITED
 * @throws TypeError `status` is no integer.
 */
export function WIFEXITED(status: number): boolean {
  return (check(status, 'WIFEXITED') & SIGNAL_BITS) === 0;
}

/**
 * The exit code; only good if {@link WIFEXITED}.
 *
 * Python: https://docs.python.org/3/library/os.html#os.WEXITSTATUS
 * @throws TypeError `status` is no integer.
 */
export function WEXITSTATUS(status: number): number {
  return (check(status, 'WEXITSTATUS') >> 8) & 0xff;
}

/**
 * Whether a signal ended the process.
 *
 * Python: https://docs.python.org/3/library/os.html#os.WIFSIGNALED
 * @throws TypeError `status` is no integer.
 */
export function WIFSIGNALED(status: number): boolean {
  const signal = check(status, 'WIFSIGNALED') & SIGNAL_BITS;
  return signal !== 0 && signal !== SIGNAL_BITS;
}

/**
 * The signal that ended the process; only good if {@link WIFSIGNALED}.
 *
 * Python: https://docs.python.org/3/library/os.html#os.WTERMSIG
 * @throws TypeError `status` is no integer.
 */
export function WTERMSIG(status: number): number {
  return check(status, 'WTERMSIG') & SIGNAL_BITS;
}

/**
 * What `Process.exitcode` shows: the exit code, or minus the signal that ended the process.
 *
 * Python: https://docs.python.org/3/library/os.html#os.waitstatus_to_exitcode
 * @throws TypeError `status` is no integer. @throws ValueError it is the status of a process that has not ended.
 */
export function waitstatusToExitcode(status: number): number {
  if (WIFEXITED(check(status, 'waitstatusToExitcode'))) return WEXITSTATUS(status);
  if (WIFSIGNALED(status)) return -WTERMSIG(status);
  throw new ValueError(`waitstatusToExitcode: ${status} is not the status of a process that has ended`);
}

function check(status: unknown, who: string): number {
  if (Number.isInteger(status)) return status as number;
  throw new TypeError(`${who}: needs the status that wait() or waitpid() has returned, not ${describe(status)}`);
}
