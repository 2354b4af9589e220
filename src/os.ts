/**
 * Children and their ends, and who this process is: a part of Python's `os`.
 *
 * What waits for children needs Linux (x64, arm64), as `multiprocessing` does.
 *
 * Python: https://docs.python.org/3/library/os.html#process-management
 *
 * @module os
 */

export { ChildProcessError, PermissionError, ProcessLookupError } from './errors.ts';
export { fork, getpid, getppid, kill } from './os/process.ts';
export { WEXITSTATUS, WIFEXITED, WIFSIGNALED, WTERMSIG, waitstatusToExitcode } from './os/status.ts';
export {
  type WaitpidAsyncOptions,
  type WaitResult,
  WNOHANG,
  wait,
  waitAsync,
  waitpid,
  waitpidAsync,
} from './os/wait.ts';
export { cpuCount } from './process/current.ts';
export type { WaitAsyncOptions } from './sync/async-wait.ts';
