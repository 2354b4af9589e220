/**
 * Processes, and what they need to work together: Python's `multiprocessing`.
 *
 * On a platform other than Linux (x64, arm64), importing it is a `NotImplementedError`.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html
 *
 * @module multiprocessing
 */

export {
  AuthenticationError,
  BrokenBarrierError,
  BufferTooShort,
  DeadlockError,
  MultiprocessingTimeoutError as TimeoutError,
  OwnerDiedError,
  PicklingError,
  ProcessError,
  WorkerDiedError,
} from './errors.ts';
export { Manager, type ManagerFactory } from './manager/sync-manager.ts';
export type { ModuleTarget } from './pickle/module-target.ts';
export { Pool, type PoolOptions } from './pool/pool.ts';
export { type Context, getContext, setStartMethod } from './process/context.ts';
export { activeChildren, cpuCount, currentProcess, freezeSupport, parentProcess } from './process/current.ts';
export {
  getLogger,
  Logger,
  type LogHandler,
  type LogLevel,
  type LogLevelName,
  type LogRecord,
  logToStderr,
} from './process/logger.ts';
export { Process } from './process/process.ts';
export type { ProcessOptions, ProcessSettings } from './process/process-options.ts';
export type { Sentinel } from './process/sentinel.ts';
export { getAllStartMethods, getStartMethod, type StartMethod } from './process/start-method.ts';
export { Connection } from './queue/connection.ts';
export { JoinableQueue, Queue, SimpleQueue } from './queue/multiprocessing.ts';
export { Pipe, type PipeFactory } from './queue/pipe.ts';
export type { QueueAsyncOptions, QueueOptions } from './queue/queue-options.ts';
export * from './sync/multiprocessing.ts';
export type {
  Call,
  FunctionCall,
  KwargsCall,
  LastArgument,
  LeadingArguments,
  ModuleCall,
  OptionalArguments,
  RequiredArguments,
  Target,
} from './thread/target.ts';
