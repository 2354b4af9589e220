import { type Shareable, ShareableList } from '../shared-memory/shareable-list.ts';
import { SharedMemory } from '../shared-memory/shared-memory.ts';
import { BaseManager } from './base-manager.ts';
import { removeBlockNamed, TRACKS_BLOCKS } from './block-names.ts';
import { NO_TYPE, setRegistry } from './registry.ts';

/**
 * A manager of blocks of shared memory: what it makes is removed when it shuts down. Blocks are memory of this process,
 * not proxies: reading and writing them calls nobody. They may be sent to other threads and processes, and opened by
 * their name elsewhere.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.shared_memory.html#multiprocessing.managers.SharedMemoryManager
 */
export class SharedMemoryManager extends BaseManager {
  /** The blocks that were made here. The server has the names as well, those of other programs included. */
  readonly #names = new Set<string>();

  /** A new block. @param size its bytes. @throws ValueError the size is not positive. @throws OSError there is no room. */
  SharedMemory(size: number): SharedMemory {
    this._checkStarted('SharedMemory');
    return this.#enter(new SharedMemory({ create: true, size }));
  }

  /** A new list in a block of its own. @param sequence its items: numbers, booleans, strings, bytes, null. */
  ShareableList<T extends Shareable>(sequence: Iterable<T>): ShareableList<T> {
    this._checkStarted('ShareableList');
    const list = new ShareableList<T>(sequence);
    this.#enter(list.shm);
    return list;
  }

  /** Removes the blocks, and ends the server. */
  override shutdown(): void {
    super.shutdown();
    this.#removeAll();
  }

  /** {@link shutdown} while the event loop goes on. */
  override async shutdownAsync(): Promise<void> {
    await super.shutdownAsync();
    this.#removeAll();
  }

  #enter(block: SharedMemory): SharedMemory {
    try {
      this._ask('track', [block.name]);
    } catch (error) {
      removeBlockNamed(block.name);
      throw error;
    }
    this.#names.add(block.name);
    return block;
  }

  #removeAll(): void {
    for (const name of this.#names) removeBlockNamed(name);
    this.#names.clear();
  }
}

setRegistry(SharedMemoryManager, new Map([[TRACKS_BLOCKS, NO_TYPE]]));
