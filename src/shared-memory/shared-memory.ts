import { FileExistsError, ValueError } from '../errors.ts';
import { registerReducer } from '../pickle/reducer.ts';
import { describe } from '../sync/timeout.ts';
import { checkName, createBlock, type Mapping, openBlock, removeBlock } from './block.ts';
import { track, untrack } from './tracker.ts';

/** What a {@link SharedMemory} is made with. */
export interface SharedMemoryOptions {
  /** The block's name; with `create`, absent or `null` stands for a new one (`psm_` and eight digits). */
  name?: string | null;
  /** true: make the block; false (default): open one that exists. */
  create?: boolean;
  /** Bytes of a block that is made; ignored for one that is opened. */
  size?: number;
  /**
   * Whether the block is removed when this program and its child processes have ended without `unlink()`. Default: if
   * it is made here. (In CPython a block that is merely opened is removed then too, unless `track` is false.)
   */
  track?: boolean;
}

/**
 * A named block of memory that any program of the machine can open by its name, CPython's `SharedMemory` included.
 *
 * {@link close} ends its use here, {@link unlink} removes the block, once, for all. An object that is sent to a thread
 * or a process opens the block there again: it must not be unlinked before it has arrived.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.shared_memory.html
 */
export class SharedMemory {
  readonly #name: string;
  readonly #size: number;
  #mapping: Mapping | null;
  #buf: Uint8Array | null;

  /**
   * @throws FileExistsError `create`: the name is taken. @throws FileNotFoundError there is no such block.
   * @throws ValueError `size` is negative, or 0 with `create`; no `name` without `create`; a name that no file can have.
   * @throws OSError there is no space left.
   */
  constructor(options: SharedMemoryOptions);
  constructor(name: string | null | undefined, options?: Omit<SharedMemoryOptions, 'name'>);
  constructor(
    name: string | null | undefined,
    create: boolean,
    size?: number | Pick<SharedMemoryOptions, 'size' | 'track'>,
    options?: Pick<SharedMemoryOptions, 'track'>,
  );
  constructor(...args: unknown[]) {
    const { name, create, size, tracked } = settingsOf(args);
    if (name === null) {
      [this.#name, this.#mapping] = createUnnamed(size, tracked);
    } else {
      this.#name = name;
      this.#mapping = create ? createBlock(checkName(name), size) : openBlock(checkName(name));
      if (tracked) this.#track(create);
    }
    this.#buf = new Uint8Array(this.#mapping.buffer);
    this.#size = this.#buf.length;
  }

  /** The block's bytes, the very memory that others see; `null` after {@link close}. */
  get buf(): Uint8Array {
    return this.#buf as Uint8Array;
  }

  /** The name under which others open the block. */
  get name(): string {
    return this.#name;
  }

  /** Bytes of the block. */
  get size(): number {
    return this.#size;
  }

  /**
   * Ends the use of the block here; it lives on for others. Arrays over {@link buf} that were kept are empty from then
   * on (on Node 20 they read as zeros, and what is written into them is lost), where Python refuses to close. Closing
   * twice does nothing.
   */
  close(): void {
    this.#mapping?.release();
    this.#mapping = null;
    this.#buf = null;
  }

  /**
   * Removes the block: nobody can open it any more, and its memory is given back when the last one that has it open
   * has closed it. To be called once among all that use it.
   * @throws FileNotFoundError it has been removed already.
   */
  unlink(): void {
    const name = checkName(this.#name);
    removeBlock(name);
    untrack(name);
  }

  /** {@link close} (`using block = …`). */
  [Symbol.dispose](): void {
    this.close();
  }

  /** {@link close} (`await using block = …`). */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** @internal What the console shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `SharedMemory('${this.#name}', size=${this.#size})`;
  }

  #track(created: boolean): void {
    try {
      track(checkName(this.#name));
    } catch (error) {
      if (created) removeBlock(checkName(this.#name));
      this.close();
      throw error;
    }
  }
}

/** Opened again wherever it arrives; it is the business of who made it to have it removed. */
registerReducer(SharedMemory, {
  tag: 'multiprocessing.SharedMemory',
  dump: (block) => block.name,
  load: (name: string) => new SharedMemory({ name }),
});

function createUnnamed(size: number, tracked: boolean): [string, Mapping] {
  for (;;) {
    const name = `psm_${process.getBuiltinModule('node:crypto').randomBytes(4).toString('hex')}`;
    // Entered first: a program that is killed in between leaves nothing. A name that was given may be somebody else's.
    if (tracked) track(name);
    try {
      return [name, createBlock(name, size)];
    } catch (error) {
      if (tracked) untrack(name);
      if (!(error instanceof FileExistsError)) throw error;
    }
  }
}

interface Settings {
  name: string | null;
  create: boolean;
  size: number;
  tracked: boolean;
}

const PARAMETERS = ['name', 'create', 'size'] as const;

function settingsOf(args: readonly unknown[]): Settings {
  const given: { [parameter: string]: unknown } = {};
  for (const [i, arg] of args.entries()) {
    if (typeof arg === 'object' && arg !== null) Object.assign(given, arg);
    else if (i < PARAMETERS.length) given[PARAMETERS[i]] = arg;
  }
  const name = given.name ?? null;
  const create = given.create ?? false;
  const size = given.size ?? 0;
  const tracked = given.track ?? create;
  if (name !== null && typeof name !== 'string') refuse('name', 'a string', name);
  if (typeof create !== 'boolean') refuse('create', 'true or false', create);
  if (typeof tracked !== 'boolean') refuse('track', 'true or false', tracked);
  if (typeof size !== 'number' || !Number.isInteger(size)) refuse('size', 'an integer', size);
  if (size < 0) throw new ValueError(`SharedMemory: size must not be negative: ${size}`);
  if (create && size === 0)
    throw new ValueError('SharedMemory: a new block needs a size: { create: true, size: BYTES }');
  if (name === null && !create) {
    throw new ValueError('SharedMemory: which block? Give its name, or create: true and a size for a new one');
  }
  return { name, create, size, tracked };
}

function refuse(parameter: string, kind: string, value: unknown): never {
  throw new TypeError(`SharedMemory: ${parameter} must be ${kind}, not ${describe(value)}`);
}
