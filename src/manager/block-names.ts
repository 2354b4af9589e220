import { FileNotFoundError } from '../errors.ts';
import { SharedMemory } from '../shared-memory/shared-memory.ts';

/** The entry in a registry that says that the server removes blocks of shared memory when it ends. */
export const TRACKS_BLOCKS = '(blocks of shared memory)';

/** Removes a block, unless somebody has done so. */
export function removeBlockNamed(name: string): void {
  try {
    const block = new SharedMemory({ name });
    block.close();
    block.unlink();
  } catch (error) {
    if (!(error instanceof FileNotFoundError)) throw error;
  }
}
