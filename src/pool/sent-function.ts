/**
 * Functions on their way to a pool's workers. A function is pickled when it is first given to the pool, with what it
 * captures as it is then; each worker makes it once. Later tasks only say its number.
 */

import { Place, SharedObject } from '../memory/handle.ts';
import type { Memory } from '../memory/memory.ts';
import { importModuleTarget, isModuleTarget } from '../pickle/index.ts';
import { importParcelValue, packParcel } from '../queue/parcel.ts';
import { checkTarget, type Target } from '../thread/target.ts';

/** The parcel of a function, which lives as long as the function here, and as tasks that name it. */
export class SentFunction extends SharedObject {
  /** Unique in the pool. */
  readonly number: number;

  constructor(place: Place, number: number) {
    super(place);
    this.number = number;
  }
}

/** What one thread has sent to one pool. */
export class SentFunctions {
  readonly #memory: Memory;
  readonly #nextNumber: () => number;
  readonly #sent = new WeakMap<object, SentFunction>();

  constructor(memory: Memory, nextNumber: () => number) {
    this.#memory = memory;
    this.#nextNumber = nextNumber;
  }

  /**
   * The parcel of a function, or of `{ module, export }`.
   * @throws TypeError it is neither. @throws PicklingError it cannot be sent. @throws MemoryError
   */
  of(fn: unknown, who: string): SentFunction {
    return this.#sent.get(fn as object) ?? this.#send(fn, who);
  }

  #send(fn: unknown, who: string): SentFunction {
    if (typeof fn !== 'function' && !isModuleTarget(fn)) checkTarget(fn ?? {}, who);
    const memory = this.#memory;
    const scope = memory.kind === 'local' ? 'thread' : 'process';
    const payload = packParcel(memory, checkTarget(fn, who), scope, who);
    const sent = new SentFunction(new Place(memory, payload), this.#nextNumber());
    memory.holdings.release(payload); // as packed; the object holds it now
    this.#sent.set(fn as object, sent);
    return sent;
  }
}

const KEPT = 1000;

/** What a worker has received of one pool, the oldest thrown away when it is too much. */
export class ReceivedFunctions {
  readonly #memory: Memory;
  readonly #received = new Map<number, Target>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** The function of a number, if it has come before. */
  get(number: number): Target | undefined {
    return this.#received.get(number);
  }

  /** Makes the function of a parcel, with the modules that it names imported. */
  async make(number: number, parcel: number): Promise<Target> {
    const found = await importParcelValue(this.#memory, parcel);
    const target = (isModuleTarget(found) ? await importModuleTarget(found as never) : found) as Target;
    if (this.#received.size >= KEPT) this.#received.delete(this.#received.keys().next().value as number);
    this.#received.set(number, target);
    return target;
  }
}
