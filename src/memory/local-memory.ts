/**
 * The block that the threads of this program share: one `SharedArrayBuffer`, reserved once and committed by the
 * kernel page by page as it is touched. Threads get it at their start, as environment data of their worker.
 */

import { buryParty } from './burial.ts';
import { MAGIC, MAGIC_VALUE } from './layout.ts';
import { Memory, type WaitResult } from './memory.ts';
import { PARTY_READY } from './party.ts';
import { isToldMain } from './role.ts';
import { Waiters } from './waiters.ts';

/** Names the layout as well: two releases of the library in one program do not share a block. */
const ENVIRONMENT_KEY = `threadwork:block:${MAGIC_VALUE}`;

const GIGABYTE = 2 ** 30;
/** An `Int32Array` on Node 20 reaches no further than 4 GiB. */
const LARGEST = 4 * GIGABYTE - 65536;

export class LocalMemory extends Memory {
  readonly kind = 'local';
  readonly i32: Int32Array;
  readonly u8: Uint8Array;
  readonly waiters: Waiters;
  #listener: (() => void) | null = null;

  constructor(block: SharedArrayBuffer) {
    super();
    // With a length that is given, views of growable buffers are as fast as any.
    this.i32 = new Int32Array(block, 0, block.byteLength / 4);
    this.u8 = new Uint8Array(block, 0, block.byteLength);
    if (Atomics.load(this.i32, MAGIC) !== MAGIC_VALUE) this.initialise(this.i32.length);
    this.parties.register();
    this.heap.reclaim = () => this.parties.sweep((slot) => buryParty(this, slot));
    this.waiters = new Waiters(this);
  }

  wait(word: number, expected: number, milliseconds: number): WaitResult {
    return Atomics.wait(this.i32, word, expected, milliseconds);
  }

  wake(word: number, count: number): void {
    Atomics.notify(this.i32, word, count);
  }

  ring(slot: number): void {
    Atomics.notify(this.i32, this.parties.at(slot) + PARTY_READY);
  }

  listen(listener: () => void): void {
    this.#listener = listener;
    this.#rearm();
  }

  /** The list of woken waiters is the doorbell: it is empty while nobody has rung. */
  #rearm(): void {
    const { async, value } = Atomics.waitAsync(this.i32, this.parties.base + PARTY_READY, 0);
    const rung = (): void => {
      this.#listener?.();
      this.#rearm();
    };
    if (async) void value.then(rung);
    else queueMicrotask(rung);
  }
}

let local: LocalMemory | undefined;

/** The block of this program, made on first use. */
export function localMemory(): LocalMemory {
  if (local === undefined) {
    const inherited = isToldMain() ? undefined : workerThreads().getEnvironmentData(ENVIRONMENT_KEY);
    const block = inherited instanceof SharedArrayBuffer ? inherited : reserve(LARGEST);
    local = new LocalMemory(block);
    // Also for workers that others start; a child process sees to it when it starts its first own one.
    if (!isToldMain()) shareLocalMemory();
  }
  return local;
}

/** Workers that are started from now on share the block. */
export function shareLocalMemory(): void {
  workerThreads().setEnvironmentData(ENVIRONMENT_KEY, localMemory().i32.buffer as SharedArrayBuffer);
}

/** This thread, a worker that was started before its program had a block, is given that block. */
export function inheritLocalMemory(block: SharedArrayBuffer): void {
  const { getEnvironmentData, setEnvironmentData } = workerThreads();
  if (!(getEnvironmentData(ENVIRONMENT_KEY) instanceof SharedArrayBuffer)) setEnvironmentData(ENVIRONMENT_KEY, block);
}

function workerThreads(): typeof import('node:worker_threads') {
  return process.getBuiltinModule('node:worker_threads');
}

/**
 * The largest block that this machine lets us reserve: half as much where there is little memory. A growable one does
 * not count as 4 GiB in `process.memoryUsage().arrayBuffers`.
 */
function reserve(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes, { maxByteLength: bytes });
  } catch (error) {
    if (bytes < GIGABYTE / 16) throw error;
    return reserve(Math.floor(bytes / 2));
  }
}
