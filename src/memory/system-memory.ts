/**
 * The block that the processes of a program share: an anonymous file (`memfd_create`) that each of them maps. It has
 * no name, so that nothing is left behind and no stranger can open it; children inherit its descriptor.
 *
 * Each thread maps the file over a `SharedArrayBuffer` of its own. The engine takes an ordinary `ArrayBuffer` over
 * foreign memory for memory that the program has allocated: it then collects garbage in its alarm, and on Node 20 a
 * long one makes it likely that the program hangs at its end (nodejs/node#54918). It does not count shared buffers.
 */

import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { MemoryError } from '../errors.ts';
import { buryParty } from './burial.ts';
import { MAGIC, MAGIC_VALUE, SYSTEM_FD, SYSTEM_LOCK } from './layout.ts';
import { type Libc, loadLibc } from './libc.ts';
import { localMemory } from './local-memory.ts';
import { Memory, type WaitResult } from './memory.ts';
import { PARTY_DOORBELL } from './party.ts';
import { acquireSpinLock, releaseSpinLock } from './spin-lock.ts';
import { Waiters } from './waiters.ts';

/** A view on Node 20 may not be longer than 4 GiB. */
const BYTES = 4 * 2 ** 30 - 65536;
/** What a growable buffer has at first; the kernel's pages are no longer than that. */
const PAGE = 65536;

export class SystemMemory extends Memory {
  readonly kind = 'system';
  readonly i32: Int32Array;
  readonly u8: Uint8Array;
  readonly waiters: Waiters;
  /** The descriptor of the block in this process. */
  readonly descriptor: number;
  readonly #libc: Libc;
  readonly #address: number;
  /** Descriptors of other threads' doorbells, by party id. */
  readonly #doorbells = new Map<number, number>();
  /** The descriptor that this thread's own doorbell is heard on; -1 until it listens. */
  #doorbell = -1;

  constructor(libc: Libc, descriptor: number) {
    super();
    this.#libc = libc;
    this.descriptor = descriptor;
    const block = reserve();
    this.#address = libc.mapOver(new Uint8Array(block), descriptor, BYTES);
    block.grow(BYTES);
    // With a length that is given, views of growable buffers are as fast as any.
    this.i32 = new Int32Array(block, 0, BYTES / 4);
    this.u8 = new Uint8Array(block, 0, BYTES);
    if (Atomics.load(this.i32, MAGIC) !== MAGIC_VALUE) this.initialise(BYTES / 4);
    this.parties.register();
    this.heap.reclaim = () => this.parties.sweep((slot) => buryParty(this, slot));
    this.waiters = new Waiters(this);
  }

  wait(word: number, expected: number, milliseconds: number): WaitResult {
    return this.#libc.futexWait(this.#address + word * 4, expected, milliseconds);
  }

  wake(word: number, count: number): void {
    this.#libc.futexWake(this.#address + word * 4, count);
  }

  ring(slot: number): void {
    const party = this.parties.idAt(slot);
    if (party === 0) return;
    let descriptor = this.#doorbells.get(party);
    try {
      descriptor ??= this.#openDoorbell(party, slot);
      writeSync(descriptor, RING);
    } catch (error) {
      // EAGAIN: the pipe is full of rings already. Anything else: the party is gone.
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN' || descriptor === undefined) return;
      if (this.parties.kernelIds(party).pid !== process.pid) closeSync(descriptor);
      this.#doorbells.delete(party);
    }
  }

  listen(listener: () => void): void {
    const [reader, writer] = this.#libc.pipe();
    this.#doorbell = reader;
    Atomics.store(this.i32, this.parties.base + PARTY_DOORBELL, writer + 1);
    const { Socket } = process.getBuiltinModule('node:net');
    const socket = new Socket({ fd: reader, readable: true, writable: false });
    socket.on('data', listener);
    socket.on('error', () => {});
    socket.unref();
  }

  /**
   * Blocks until a descriptor is readable or a waiter of this thread was woken, which is told so here, or the time has
   * passed; returns the indexes of the descriptors that are readable.
   */
  poll(descriptors: readonly number[], milliseconds: number): number[] {
    this.waiters.listen();
    // Who wakes a waiter rings only when none was woken before: with all of them told, every ring is heard.
    this.waiters.drain();
    const readable = this.#libc.poll([this.#doorbell, ...descriptors], milliseconds);
    if (readable[0] === 0) {
      readable.shift();
      this.#hush();
      this.waiters.drain();
    }
    return readable.map((index) => index - 1);
  }

  #hush(): void {
    try {
      readSync(this.#doorbell, rings);
    } catch {
      // EAGAIN: the event loop's own reading has taken them.
    }
  }

  #openDoorbell(party: number, slot: number): number {
    const writer = Atomics.load(this.i32, this.parties.at(slot) + PARTY_DOORBELL) - 1;
    const { pid } = this.parties.kernelIds(party);
    const descriptor =
      pid === process.pid ? writer : openSync(`/proc/${pid}/fd/${writer}`, constants.O_WRONLY | constants.O_NONBLOCK);
    this.#doorbells.set(party, descriptor);
    return descriptor;
  }
}

/**
 * Address space of whole pages. A growable buffer begins as that: the engine asks for memory when it grows, by which
 * time there is the file; and it gives the address space back to the kernel, not to an allocator that would use it again.
 */
function reserve(): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(PAGE, { maxByteLength: BYTES });
  } catch (cause) {
    throw new MemoryError(`no ${BYTES} bytes of address space are left for the block of shared objects`, { cause });
  }
}

const RING = new Uint8Array(1);
const rings = new Uint8Array(4096);

let system: SystemMemory | undefined;
/** Set in a child process, before anything else: the descriptor that it inherited. */
let inherited: number | undefined;

/** Whether this thread uses the system block already. */
export function usesSystemMemory(): SystemMemory | undefined {
  return system;
}

/** Tells a child process which descriptor its parent passed on. */
export function inheritSystemMemory(descriptor: number): void {
  inherited = descriptor;
}

/** The block of this family of processes, made on first use. */
export function systemMemory(): SystemMemory {
  if (system === undefined) {
    const libc = loadLibc();
    const local = localMemory();
    const w = local.i32;
    acquireSpinLock(local, SYSTEM_LOCK);
    try {
      if (Atomics.load(w, SYSTEM_FD) === 0) {
        Atomics.store(w, SYSTEM_FD, (inherited ?? libc.memfd('threadwork', BYTES)) + 1);
      }
      system = new SystemMemory(libc, w[SYSTEM_FD] - 1);
    } finally {
      releaseSpinLock(local, SYSTEM_LOCK);
    }
  }
  return system;
}
