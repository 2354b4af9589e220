/**
 * Blocks of memory that any program of the machine can open by their name, Python programs included: Python's
 * `multiprocessing.shared_memory`.
 *
 * On a platform other than Linux (x64, arm64), importing it is a `NotImplementedError`.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.shared_memory.html
 *
 * @module multiprocessing/sharedMemory
 */

export { type Shareable, ShareableList, type ShareableListOptions } from '../shared-memory/shareable-list.ts';
export { SharedMemory, type SharedMemoryOptions } from '../shared-memory/shared-memory.ts';
