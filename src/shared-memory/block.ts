/**
 * Named blocks of shared memory, as POSIX has them: on Linux `shm_open("/name")` opens the file `/dev/shm/name`, and so
 * does every other program, CPython included.
 *
 * A mapping must not go while anything can still read it: the engine knows nothing of that and the program would
 * crash. Typed arrays cannot be taken away from who holds them, and neither from an operation that still fills one on
 * another thread. So closing puts private zeros in place of the block, at the same address, which lets go of the
 * block's memory at once; the address space itself is given back when the `ArrayBuffer` has been collected.
 */

import { constants as bufferConstants } from 'node:buffer';
import { closeSync, constants, fstatSync, ftruncateSync, openSync, statfsSync, unlinkSync } from 'node:fs';
import { FileExistsError, FileNotFoundError, OSError, ValueError } from '../errors.ts';
import { type Libc, loadLibc } from '../memory/libc.ts';
import { whenWorkerEnds } from '../thread/shutdown.ts';

const FOLDER = '/dev/shm';
/** What glibc's `shm_open` adds to the flags. */
const SAFELY = constants.O_RDWR | constants.O_NOFOLLOW;
const MODE = 0o600;
const ENOSPC = 28;

interface Range {
  readonly address: number;
  readonly bytes: number;
}

/** A block that is mapped into this process. */
export class Mapping {
  readonly buffer: ArrayBuffer;
  readonly #libc: Libc;
  readonly #range: Range;

  constructor(descriptor: number, bytes: number) {
    this.#libc = loadLibc();
    this.#range = { address: this.#libc.map(descriptor, bytes), bytes };
    this.buffer = this.#libc.view(this.#range.address, bytes);
    collected.register(this.buffer, this.#range);
    unmapAtEnd(this.#range);
  }

  /** Lets go of the block. Arrays over it become empty; on Node 20, which cannot do that, they read as zeros. */
  release(): void {
    this.#libc.blank(this.#range.address, this.#range.bytes);
    (this.buffer as { transfer?(bytes: number): ArrayBuffer }).transfer?.(0);
  }
}

/** Makes a block of zeros and maps it. @throws FileExistsError the name is taken. */
export function createBlock(name: string, bytes: number): Mapping {
  checkLength(name, bytes);
  checkSpace(name, bytes);
  const descriptor = open(name, SAFELY | constants.O_CREAT | constants.O_EXCL);
  try {
    ftruncateSync(descriptor, bytes);
    return new Mapping(descriptor, bytes);
  } catch (error) {
    unlinkSync(pathOf(name));
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Maps a block that exists. @throws FileNotFoundError there is none of that name. */
export function openBlock(name: string): Mapping {
  const descriptor = open(name, SAFELY);
  try {
    const file = fstatSync(descriptor);
    if (!file.isFile()) throw new OSError(`SharedMemory: ${pathOf(name)} is no block of shared memory`);
    if (file.size === 0) {
      throw new ValueError(`SharedMemory: the block "${name}" is empty: whoever makes it has not given it a size yet`);
    }
    checkLength(name, file.size);
    return new Mapping(descriptor, file.size);
  } finally {
    closeSync(descriptor);
  }
}

/** Removes the name of a block; who has it mapped keeps it. @throws FileNotFoundError there is none of that name. */
export function removeBlock(name: string): void {
  try {
    unlinkSync(pathOf(name));
  } catch (error) {
    throw explained(error as NodeJS.ErrnoException, name);
  }
}

/** The name of a block as the system has it. @throws TypeError, ValueError it cannot be one. */
export function checkName(name: unknown): string {
  if (typeof name !== 'string') throw new TypeError(`SharedMemory: name must be a string, not ${typeof name}`);
  const plain = name.replace(/^\/+/, '');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/^\.{0,2}$|[/\0-\x1f]/.test(plain)) {
    throw new ValueError(
      `SharedMemory: ${JSON.stringify(name)} cannot be the name of a block: it names a file in ${FOLDER}, ` +
        'so choose one without slashes and control characters',
    );
  }
  return plain;
}

function pathOf(name: string): string {
  return `${FOLDER}/${name}`;
}

function open(name: string, flags: number): number {
  try {
    return openSync(pathOf(name), flags, MODE);
  } catch (error) {
    throw explained(error as NodeJS.ErrnoException, name);
  }
}

function explained(error: NodeJS.ErrnoException, name: string): Error {
  const options = { cause: error, errno: Math.abs(error.errno ?? 0) };
  if (error.code === 'ENOENT') {
    return new FileNotFoundError(
      `SharedMemory: there is no block "${name}": it has been removed, or is yet to be made (create: true)`,
      options,
    );
  }
  if (error.code === 'EEXIST') {
    return new FileExistsError(
      `SharedMemory: there is a block "${name}" already; leave out create to open it, or the name to get a new one`,
      options,
    );
  }
  return new OSError(`SharedMemory: the block "${name}" cannot be used: ${error.message}`, options);
}

function checkLength(name: string, bytes: number): void {
  if (bytes <= bufferConstants.MAX_LENGTH) return;
  throw new ValueError(
    `SharedMemory: the block "${name}" has ${bytes} bytes; ` +
      `on this version of Node an array has ${bufferConstants.MAX_LENGTH} at most`,
  );
}

/** Where memory runs out, the kernel kills who writes (SIGBUS): better an error now. */
function checkSpace(name: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(FOLDER);
  if (bytes <= bavail * bsize) return;
  throw new OSError(
    `SharedMemory: no space for ${bytes} bytes (block "${name}"): ${FOLDER} has ${bavail * bsize} left; ` +
      'in a container, give it more (docker run --shm-size)',
    { errno: ENOSPC },
  );
}

const mapped = new Set<Range>();

const collected = new FinalizationRegistry<Range>((range) => {
  mapped.delete(range);
  loadLibc().unmap(range.address, range.bytes);
});

let watching = false;

/** A worker's arrays go without being told of: what it has not closed is let go of when it ends. */
function unmapAtEnd(range: Range): void {
  mapped.add(range);
  if (watching) return;
  watching = true;
  whenWorkerEnds(() => {
    for (const { address, bytes } of mapped) loadLibc().blank(address, bytes);
  });
}
