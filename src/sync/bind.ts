/**
 * Binding the classes of this library to a memory: `threading.Lock` is `Lock` on the block of this program's threads,
 * `multiprocessing.Lock` the same on the block of its family of processes.
 */

import { PicklingError } from '../errors.ts';
import { objectAt, Place, type SharedObject } from '../memory/handle.ts';
import type { Memory } from '../memory/memory.ts';
import { type DumpContext, registerReducer } from '../pickle/reducer.ts';

/** The Python module that a class belongs to. */
export type Module = 'threading' | 'multiprocessing' | 'queue';

/** A shared object may go to whoever shares its memory; says what to use instead when it may not. */
export function checkScope(place: Place, name: string, context: DumpContext): void {
  if (place.memory.kind === 'system' || context.scope === 'thread') return;
  throw new PicklingError(
    `${context.path()}: a threading.${name} exists in one process only and cannot be sent to another; ` +
      `use multiprocessing.${name}`,
  );
}

/**
 * Lets a class of shared objects travel: what arrives is the same object. `extra` is what a class has beside its
 * payload: a lock that was given to it, a function.
 */
export function registerShared<T extends SharedObject, E = undefined>(
  // biome-ignore lint/suspicious/noExplicitAny: a class with any constructor
  cls: abstract new (...args: any[]) => T,
  module: Module,
  name: string,
  memory: () => Memory,
  make: (place: Place, extra: E) => T,
  extra?: (object: T) => E,
): void {
  // A bundler renames one of two classes of the same name.
  Object.defineProperty(cls, 'name', { value: name });
  registerReducer(cls, {
    tag: `${module}.${name}`,
    dump(object: T, context): unknown {
      const { place } = object;
      checkScope(place, name, context);
      context.addReference(object);
      if (extra !== undefined) return [place.payload, place.base, extra(object)];
      return place.payload === place.base ? place.base : [place.payload, place.base];
    },
    load(state: number | [number, number, E]): T {
      const [payload, base, more] = typeof state === 'number' ? [state, state, undefined] : state;
      return objectAt(new Place(memory(), payload, base), (place) => make(place, more as E));
    },
  });
}

/** Python's factory functions can be called with and without `new`; what they make is an instance of `prototype`'s class. */
export function callable<F>(name: string, make: (...args: never[]) => object, prototype: object): F {
  // No arrow function: those cannot be called with `new`.
  function factory(...args: never[]): object {
    return make(...args);
  }
  Object.defineProperty(factory, 'name', { value: name });
  factory.prototype = prototype;
  return factory as F;
}
