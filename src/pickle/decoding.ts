import { Reader } from './reader.ts';
import { type Relocation, relocate } from './relocation.ts';

/** A place for an object that is still being made. */
const PENDING = Symbol('pending');
const NONE = -1;
/** What few messages have is made when it is needed. */
const NOTHING: never[] = [];

/** A message that is being read: the position, and the objects made so far by their number. */
export abstract class Decoding extends Reader {
  #objects: unknown[] = [];
  /** The held number that the next object takes. */
  #target = NONE;
  #early: object | undefined;
  #deferred: object[] = NOTHING;
  #fixups: Map<number, ((value: unknown) => void)[]> | undefined;

  /** Reads any value. */
  abstract value(): unknown;
  /** Another decoding of the same kind, for a part with a numbering of its own. */
  abstract nested(bytes: Uint8Array): Decoding;

  /** What came beside the message: each in a buffer of its own, which becomes the reader's. */
  attachments: readonly Uint8Array<ArrayBuffer>[] = NOTHING;
  /** Where the files are here that are named as the sender has them. */
  relocation: Relocation | null = null;
  /** Reads the class of an error. */
  errorClass(): { prototype: Error } {
    return this.value() as { prototype: Error };
  }

  /** Reads the name of a module or file. */
  fileName(): string {
    return relocate(this.string(), this.relocation);
  }

  /** True while the body of a function is read: functions within share its numbering of objects. */
  inFunction = false;
  /** Identities given while this is read: when it fails, what has them is unfinished and must not be found again. */
  identities: string[] = NOTHING;

  noteIdentity(identity: string): void {
    if (this.identities === NOTHING) this.identities = [identity];
    else this.identities.push(identity);
  }

  /** Takes the next number for an object that exists already. */
  add(object: unknown): void {
    if (this.#target === NONE) this.#objects.push(object);
    else this.fill(this.hold(), object);
  }

  /** The container whose contents come next: one that was made before its contents were reached, or `fresh`. */
  container<T extends object>(fresh: T): T {
    const early = this.#early;
    if (early === undefined) {
      this.add(fresh);
      return fresh;
    }
    this.#early = undefined;
    return early as T;
  }

  /** Makes an empty container; {@link Decoding.readDeferred} fills it. */
  defer<T extends object>(container: T): T {
    this.add(container);
    if (this.#deferred === NOTHING) this.#deferred = [container];
    else this.#deferred.push(container);
    return container;
  }

  /** Reads the contents of the containers that were too deep inside others, in their order. */
  readDeferred(): void {
    for (const container of this.#deferred) {
      this.#early = container;
      this.value();
    }
  }

  /** Takes the next number for an object that has to be read further before it can exist. */
  hold(): number {
    if (this.#target === NONE) return this.#objects.push(PENDING) - 1;
    const slot = this.#target;
    this.#target = NONE;
    return slot;
  }

  /** Reads a value that takes no number of its own but a held one: what the base class of an instance holds. */
  valueInto(slot: number): unknown {
    this.#target = slot;
    const value = this.value();
    this.#target = NONE;
    return value;
  }

  /** Gives a held number its object. */
  fill(slot: number, object: unknown): void {
    this.#objects[slot] = object;
    const waiting = this.#fixups?.get(slot);
    if (waiting === undefined) return;
    this.#fixups?.delete(slot);
    for (const fix of waiting) fix(object);
  }

  reference(slot: number): unknown {
    const object = this.#objects[slot];
    if (object === PENDING) throw new ReferenceError('The message refers to an object from inside its own state.');
    return object;
  }

  /** Calls `set` with an object as soon as it exists: at once, or when its number is filled. */
  whenReady(slot: number, set: (value: unknown) => void): void {
    const object = this.#objects[slot];
    if (object !== PENDING) {
      set(object);
      return;
    }
    this.#fixups ??= new Map();
    const waiting = this.#fixups.get(slot);
    if (waiting === undefined) this.#fixups.set(slot, [set]);
    else waiting.push(set);
  }
}
