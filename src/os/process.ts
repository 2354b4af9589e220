/** This process, its parent, and signals to others. */

import { constants } from 'node:os';
import { NotImplementedError, OSError, PermissionError, ProcessLookupError, ValueError } from '../errors.ts';
import { attendInterruptions } from '../memory/interruption.ts';
import { describe } from '../sync/timeout.ts';

/**
 * The system's number of this process.
 *
 * Python: https://docs.python.org/3/library/os.html#os.getpid
 */
export function getpid(): number {
  return process.pid;
}

/**
 * The number of the process that has started this one; when that has ended, of the one that has adopted it.
 *
 * Python: https://docs.python.org/3/library/os.html#os.getppid
 */
export function getppid(): number {
  return process.ppid;
}

/**
 * Sends a signal to a process. One that this process sends to itself has been handled when `kill` returns, if its
 * handler is one of `signal.signal()` and this is the main thread.
 * @param pid a process; 0: all of this process's group; -1: all that may be sent one; less: the group `-pid`.
 * @param signal a number, or a name as Node has them; 0 only asks whether the process is there.
 * @throws ProcessLookupError there is no such process. @throws PermissionError it may not be sent this signal.
 * @throws ValueError there is no such signal.
 *
 * Python: https://docs.python.org/3/library/os.html#os.kill
 */
export function kill(pid: number, signal: number | NodeJS.Signals): void {
  if (!Number.isInteger(pid)) throw new TypeError(`kill: pid must be an integer, not ${describe(pid)}`);
  const number = typeof signal === 'string' ? constants.signals[signal] : signal;
  if (typeof signal !== 'string' && typeof signal !== 'number') {
    throw new TypeError(`kill: signal must be a number such as signal.SIGTERM, or a name, not ${describe(signal)}`);
  }
  if (!Number.isInteger(number) || number < 0 || number > 64) {
    throw new ValueError(`kill: there is no signal ${describe(signal)}; see signal.validSignals()`);
  }
  try {
    process.kill(pid, number);
  } catch (error) {
    throw errorOf(error as NodeJS.ErrnoException, pid, number);
  }
  if (pid === process.pid) attendInterruptions();
}

/**
 * Does not exist in Node.
 * @throws NotImplementedError always: a copy of a running engine cannot work. `multiprocessing.Process` runs a function
 * in a new process.
 *
 * Python: https://docs.python.org/3/library/os.html#os.fork
 */
export function fork(): never {
  throw new NotImplementedError(
    'fork: a Node process cannot be copied while it runs; ' +
      'use multiprocessing.Process, which runs a function in a new process: new Process({ target: f, args }).start()',
  );
}

function errorOf(error: NodeJS.ErrnoException, pid: number, signal: number): Error {
  const errno = Math.abs(error.errno ?? 0);
  const options = { errno, cause: error };
  if (error.code === 'ESRCH') return new ProcessLookupError(`kill: there is no process ${pid}`, options);
  if (error.code === 'EPERM') {
    return new PermissionError(`kill: this process may not send signal ${signal} to process ${pid}`, options);
  }
  return new OSError(`kill: process ${pid} could not be sent signal ${signal}: ${error.message}`, options);
}
