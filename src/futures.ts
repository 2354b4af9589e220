/**
 * Executors and futures: Python's `concurrent.futures`.
 *
 * Python: https://docs.python.org/3/library/concurrent.futures.html
 *
 * @module futures
 */

export {
  BrokenExecutor,
  BrokenProcessPool,
  BrokenThreadPool,
  CancelledError,
  InvalidStateError,
  TimeoutError,
} from './errors.ts';
export type { ModuleTarget } from './pickle/module-target.ts';
export type { TaskEvent } from './pool/events.ts';
export {
  Executor,
  type MapOptions,
  type ResultOf,
  type ShutdownOptions,
  type SubmitOptions,
} from './pool/executor.ts';
export { Future } from './pool/future.ts';
export type { MappedResults } from './pool/mapped-results.ts';
export { ProcessPoolExecutor, type ProcessPoolExecutorOptions } from './pool/process-pool-executor.ts';
export type { ExecutorStats } from './pool/statistics.ts';
export { taskSignal } from './pool/task-signal.ts';
export { ThreadPoolExecutor, type ThreadPoolExecutorOptions } from './pool/thread-pool-executor.ts';
export {
  ALL_COMPLETED,
  asCompleted,
  type DoneAndNotDone,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  type ReturnWhen,
  type WaitFuturesAsyncOptions,
  type WaitOptions,
  wait,
  waitAsync,
} from './pool/wait-futures.ts';
export type { Target } from './thread/target.ts';
