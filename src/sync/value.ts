/**
 * ```
 *  +0 CODE   character code of the type code
 *  +4 reentrant lock (rlock.ts)
 * +14 the value, in the low bytes of two words
 * ```
 */

import { Place, SharedObject } from '../memory/handle.ts';
import type { Memory } from '../memory/memory.ts';
import { type AcquireAsyncOptions, type AcquireOptions, Lockable } from './lockable.ts';
import { type AssignableTo, checkTypecode, type Typecode, toStored, type ValueOf, VIEWS } from './typecode.ts';

const LOCK = 4;
const DATA = 14;
const BYTES = (DATA + 2) * 4;

/** A new place for a value. */
export function placeForValue(memory: Memory, code: Typecode): Place {
  const place = Place.fresh(memory, BYTES);
  memory.i32[place.base] = code.charCodeAt(0);
  return place;
}

/** Reads and writes the value at a place. Every access is one atomic step. */
class Cell<C extends Typecode> {
  readonly code: C;
  readonly #who: string;
  // biome-ignore lint/suspicious/noExplicitAny: a typed array of the code's kind
  readonly #view: any;
  /** The bits of a float; for a double it is really a BigInt64Array. */
  readonly #bits: Int32Array | null;

  constructor(place: Place, who: string) {
    const { buffer } = place.memory.i32;
    this.code = String.fromCharCode(place.memory.i32[place.base]) as C;
    this.#who = who;
    this.#view = new VIEWS[this.code](buffer, (place.base + DATA) * 4, 1);
    if (this.code === 'd') {
      this.#bits = new BigInt64Array(buffer, (place.base + DATA) * 4, 1) as unknown as Int32Array;
    } else if (this.code === 'f') this.#bits = new Int32Array(buffer, (place.base + DATA) * 4, 1);
    else this.#bits = null;
  }

  get(): ValueOf<C> {
    if (this.#bits !== null) return this.#fromBits(Atomics.load(this.#bits, 0)) as ValueOf<C>;
    const stored = Atomics.load(this.#view as Int32Array, 0);
    if (this.code === '?') return (stored === 1) as ValueOf<C>;
    if (this.code === 'c') return Buffer.from([stored]) as ValueOf<C>;
    return stored as ValueOf<C>;
  }

  set(value: unknown): void {
    const stored = toStored(this.code, value, this.#who) as number;
    if (this.#bits !== null) Atomics.store(this.#bits, 0, this.#toBits(stored));
    else Atomics.store(this.#view, 0, stored);
  }

  add(amount: unknown): ValueOf<C> {
    if (this.code === 'c' || this.code === '?') {
      throw new TypeError(`${this.#who}: add() needs a number; a value of code ${this.code} is none`);
    }
    const stored = toStored(this.code, amount, this.#who) as number;
    if (this.#bits === null) return Atomics.add(this.#view, 0, stored) as ValueOf<C>;
    const bits = this.#bits;
    for (;;) {
      const seen = Atomics.load(bits, 0);
      const before = this.#fromBits(seen);
      const after = this.#toBits(before + stored);
      if (Atomics.compareExchange(bits, 0, seen, after) === seen) return before as ValueOf<C>;
    }
  }

  #fromBits(bits: number | bigint): number {
    if (typeof bits === 'bigint') {
      scratchBits[0] = bits;
      return scratchDouble[0];
    }
    scratchWord[0] = bits;
    return scratchFloat[0];
  }

  #toBits(value: number): number {
    if (this.code === 'd') {
      scratchDouble[0] = value;
      return scratchBits[0] as unknown as number;
    }
    scratchFloat[0] = value;
    return scratchWord[0];
  }
}

const scratch = new ArrayBuffer(8);
const scratchBits = new BigInt64Array(scratch);
const scratchDouble = new Float64Array(scratch);
const scratchWord = new Int32Array(scratch);
const scratchFloat = new Float32Array(scratch);

/**
 * One number, boolean or byte in shared memory, with a lock.
 *
 * Reading and writing `value` is one atomic step each and never waits, also while somebody holds the lock (CPython
 * takes the lock for both). `v.value += 1` is two steps: hold the lock around it, or call {@link add}.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Value
 */
export abstract class SynchronizedValue<C extends Typecode> extends Lockable {
  readonly #cell: Cell<C>;
  readonly #lock: Lockable;
  /** @internal The lock that the constructor was given, if it was. */
  readonly foreignLock: Lockable | null;

  protected constructor(place: Place, lock: Lockable | ((place: Place) => Lockable)) {
    super(place);
    this.#cell = new Cell<C>(place, 'Value');
    this.foreignLock = typeof lock === 'function' ? null : lock;
    this.#lock = typeof lock === 'function' ? lock(new Place(place.memory, place.payload, place.base + LOCK)) : lock;
  }

  /** The value: a number; a bigint for the 64-bit codes; a boolean for `?`; a Buffer of one byte for `c`. */
  get value(): ValueOf<C> {
    return this.#cell.get();
  }

  /** @throws TypeError the new value is not of the code's kind. Integers wrap silently, as in C. */
  set value(value: ValueOf<C> | AssignableTo<C>) {
    this.#cell.set(value);
  }

  /** The type code. */
  get typecode(): C {
    return this.#cell.code;
  }

  /**
   * Adds to the value in one atomic step, without the lock (ours).
   * @returns the value before.
   */
  add(amount: AssignableTo<C>): ValueOf<C> {
    return this.#cell.add(amount);
  }

  /** The lock: reentrant, unless another was given to the constructor. */
  getLock(): Lockable {
    return this.#lock;
  }

  /** The value without its lock: it has `value` only. */
  abstract getObj(): { value: ValueOf<C> };

  /** {@link Lockable.acquire} of the lock. */
  acquire(blocking?: boolean | AcquireOptions, timeout?: number | null): boolean {
    return this.#lock.acquire(blocking, timeout);
  }

  /** {@link Lockable.acquireAsync} of the lock. */
  acquireAsync(blocking?: boolean | AcquireAsyncOptions, timeout?: number | null): Promise<boolean> {
    return this.#lock.acquireAsync(blocking, timeout);
  }

  /** {@link Lockable.release} of the lock. */
  release(): void {
    this.#lock.release();
  }

  /** Runs `fn` with the lock held, as the lock's own `withAsync` does. */
  override withAsync<R>(fn: () => R | PromiseLike<R>, options: { signal?: AbortSignal } = {}): Promise<R> {
    return this.#lock.withAsync(fn, options);
  }
}

/**
 * One number, boolean or byte in shared memory, without a lock.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.sharedctypes.RawValue
 */
export abstract class RawValue<C extends Typecode> extends SharedObject {
  readonly #cell: Cell<C>;

  protected constructor(place: Place) {
    super(place);
    this.#cell = new Cell<C>(place, 'RawValue');
  }

  /** The value: a number; a bigint for the 64-bit codes; a boolean for `?`; a Buffer of one byte for `c`. */
  get value(): ValueOf<C> {
    return this.#cell.get();
  }

  /** @throws TypeError the new value is not of the code's kind. Integers wrap silently, as in C. */
  set value(value: ValueOf<C> | AssignableTo<C>) {
    this.#cell.set(value);
  }
}

/** What `Value(code, ...init, { lock })` was given. */
export function parseValueArguments(
  args: readonly unknown[],
  who: string,
): { code: Typecode; init: number | bigint | undefined; lock: unknown } {
  const [code, ...rest] = args;
  checkTypecode(code, who);
  let lock: unknown = true;
  const last = rest.at(-1);
  if (isOptions(last)) {
    lock = last.lock ?? true;
    rest.pop();
  }
  if (rest.length > 1) throw new TypeError(`${who}: takes one initial value, not ${rest.length}`);
  return { code, init: rest.length === 0 ? undefined : toStored(code, rest[0], who), lock };
}

/** Writes the initial value at a fresh place. */
export function initialiseValue(place: Place, code: Typecode, stored: number | bigint | undefined): void {
  if (stored === undefined) return;
  new VIEWS[code](place.memory.i32.buffer, (place.base + DATA) * 4, 1)[0] = stored;
}

function isOptions(last: unknown): last is { lock?: unknown } {
  if (typeof last !== 'object' || last === null || last instanceof Uint8Array) return false;
  return 'lock' in last || Object.keys(last).length === 0;
}
