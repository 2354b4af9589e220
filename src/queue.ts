/**
 * Queues between threads: Python's `queue`.
 *
 * Python: https://docs.python.org/3/library/queue.html
 *
 * @module queue
 */

export { Empty, Full, ShutDown } from './errors.ts';
export type { QueueAsyncOptions, QueueOptions } from './queue/queue-options.ts';
export { LifoQueue, PriorityQueue, Queue, SimpleQueue } from './queue/threading.ts';
export type { WaitAsyncOptions } from './sync/async-wait.ts';
