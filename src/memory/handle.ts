/**
 * Objects that live in shared memory. What JavaScript sees is a view: all state is in the block, and the same payload
 * is the same JavaScript object wherever it turns up in one thread.
 *
 * A payload is held by each thread that has an object for it (holdings.ts), until that object has been collected.
 */

import type { Memory } from './memory.ts';

/** Where an object lives: a payload of a block and, for a part of a larger object, the word at which it begins. */
export class Place {
  readonly memory: Memory;
  /** What is held: the allocation that the object is in. */
  readonly payload: number;
  /** First word of the object. */
  readonly base: number;

  constructor(memory: Memory, payload: number, base = payload) {
    this.memory = memory;
    this.payload = payload;
    this.base = base;
  }

  /** A new allocation, all zero. */
  static fresh(memory: Memory, bytes: number, kind?: number): Place {
    return new Place(memory, memory.heap.allocate(bytes, kind));
  }
}

const objects = { local: new Map<number, WeakRef<SharedObject>>(), system: new Map<number, WeakRef<SharedObject>>() };

const collected = new FinalizationRegistry<Place>((place) => {
  const known = objects[place.memory.kind];
  const current = known.get(place.base);
  // The payload may have got a new object since, or the hold of both may have been dropped already.
  if (current === undefined || current.deref() !== undefined) return;
  known.delete(place.base);
  dropHold(place);
});

/** How many objects of this thread are in each payload: parts of one allocation are held together. */
const holders = { local: new Map<number, number>(), system: new Map<number, number>() };

export abstract class SharedObject {
  /** @internal */
  declare readonly place: Place;

  protected constructor(place: Place) {
    // No field: it is not one of those that an instance of a subclass takes along.
    Object.defineProperty(this, 'place', { value: place });
    const known = objects[place.memory.kind];
    const stale = known.has(place.base);
    known.set(place.base, new WeakRef<SharedObject>(this));
    collected.register(this, place, this);
    if (stale) return; // the object before this one was collected, but its hold was not dropped yet
    const count = holders[place.memory.kind];
    count.set(place.payload, (count.get(place.payload) ?? 0) + 1);
    place.memory.holdings.hold(place.payload);
  }
}

/** This thread's object at a place, made by `make` if there is none. */
export function objectAt<T extends SharedObject>(place: Place, make: (place: Place) => T): T {
  return (objects[place.memory.kind].get(place.base)?.deref() as T | undefined) ?? make(place);
}

/**
 * Lets go of an object's payload now, not when it is collected; the object must not be used any more. Whatever arrives
 * at its place later is another object.
 */
export function letGo(object: SharedObject): void {
  collected.unregister(object);
  objects[object.place.memory.kind].delete(object.place.base);
  dropHold(object.place);
}

function dropHold(place: Place): void {
  const count = holders[place.memory.kind];
  const left = (count.get(place.payload) ?? 1) - 1;
  if (left > 0) {
    count.set(place.payload, left);
    return;
  }
  count.delete(place.payload);
  place.memory.holdings.letGo(place.payload);
}
