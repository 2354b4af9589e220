import type { ResourceLimits } from 'node:worker_threads';
import { ValueError } from '../errors.ts';

const SMALLEST = 32768;
let bytes = 0;

/**
 * Sets the stack size of threads that are started later, in bytes; 0 is the engine's default.
 *
 * Python: https://docs.python.org/3/library/threading.html#threading.stack_size
 * @returns the size that was in force before.
 * @throws ValueError `size` is negative, below 32 KiB, or no integer.
 */
export function stackSize(size?: number): number {
  const before = bytes;
  if (size === undefined) return before;
  if (!Number.isInteger(size) || size < 0 || (size > 0 && size < SMALLEST)) {
    throw new ValueError(`stackSize: needs 0 or at least ${SMALLEST} bytes, not ${size}`);
  }
  bytes = size;
  return before;
}

/** The limits that a thread gets for it; none by default. */
export function stackLimits(): ResourceLimits | undefined {
  return bytes === 0 ? undefined : { stackSizeMb: bytes / 2 ** 20 };
}
