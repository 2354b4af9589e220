/**
 * Connections between processes: Python's `multiprocessing.connection`.
 *
 * On a platform other than Linux (x64, arm64), importing it is a `NotImplementedError`.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.connection
 *
 * @module multiprocessing/connection
 */

import '../travellers.ts';

export { type WaitObject, wait, waitAsync } from '../process/wait.ts';
export { Connection, type ReceiveBytesOptions } from '../queue/connection.ts';
export type { WaitAsyncOptions } from '../sync/async-wait.ts';
