/**
 * Pools of processes and of threads: Python's `multiprocessing.pool`.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.pool
 *
 * @module multiprocessing/pool
 */

export { MultiprocessingTimeoutError as TimeoutError, WorkerDiedError } from '../errors.ts';
export type { ModuleTarget } from '../pickle/module-target.ts';
export { AsyncResult, type ResultCallbacks } from '../pool/async-result.ts';
export type { ResultOf } from '../pool/executor.ts';
export type { IMapIterator } from '../pool/imap-iterator.ts';
export type { PoolMapAsyncOptions, PoolMapOptions } from '../pool/map-options.ts';
export { Pool, type PoolOptions, ThreadPool } from '../pool/pool.ts';
export type { ProgressCallback } from '../pool/progress.ts';
export type { Target } from '../thread/target.ts';
