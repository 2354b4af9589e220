/**
 * Python's concurrency modules for Node.js.
 *
 * @module threadwork
 */

export * as coroutine from './coroutine.ts';
export * as errors from './errors.ts';
export * as futures from './futures.ts';
export * as multiprocessing from './multiprocessing.ts';
export * as os from './os.ts';
export * as queue from './queue.ts';
export * as signal from './signal.ts';
export * as threading from './threading.ts';
