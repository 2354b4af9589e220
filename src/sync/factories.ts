/**
 * `Value`, `RawValue`, `Array` and `RawArray`: Python's factory functions, for either memory.
 */

import { objectAt, Place } from '../memory/handle.ts';
import type { Memory } from '../memory/memory.ts';
import { registerFamily, registerReducer } from '../pickle/reducer.ts';
import {
  arrayAt,
  defineKind,
  holderOf,
  isSharedArray,
  makeArray,
  type RawArrayOf,
  registerArrays,
  type SharedArrayOf,
} from './array.ts';
import { callable, checkScope, type Module, registerShared } from './bind.ts';
import type { Lockable } from './lockable.ts';
import { describe } from './timeout.ts';
import type { AnyTypedArray, AssignableTo, Typecode, ValueOf } from './typecode.ts';
import { initialiseValue, parseValueArguments, placeForValue, RawValue, SynchronizedValue } from './value.ts';

/** Options of `Value` and `Array`. */
export interface LockOption {
  /** Absent or true: a new reentrant lock; a lock: that one. */
  lock?: true | null | Lockable;
}

/** Makes a shared value, with or without `new`. */
export interface ValueFactory {
  new <C extends Typecode>(typecode: C, options: { lock: false }): RawValue<C>;
  new <C extends Typecode>(typecode: C, initial: AssignableTo<C>, options: { lock: false }): RawValue<C>;
  new <C extends Typecode>(typecode: C, options: LockOption): SynchronizedValue<C>;
  new <C extends Typecode>(typecode: C, initial?: AssignableTo<C>, options?: LockOption): SynchronizedValue<C>;
  <C extends Typecode>(typecode: C, options: { lock: false }): RawValue<C>;
  <C extends Typecode>(typecode: C, initial: AssignableTo<C>, options: { lock: false }): RawValue<C>;
  <C extends Typecode>(typecode: C, options: LockOption): SynchronizedValue<C>;
  <C extends Typecode>(typecode: C, initial?: AssignableTo<C>, options?: LockOption): SynchronizedValue<C>;
}

/** Makes a shared value without a lock, with or without `new`. */
export interface RawValueFactory {
  new <C extends Typecode>(typecode: C, initial?: AssignableTo<C>): RawValue<C>;
  <C extends Typecode>(typecode: C, initial?: AssignableTo<C>): RawValue<C>;
}

/** What an array may hold at first: its length in elements, the elements, or for code `c` bytes or a string. */
export type ArraySource<C extends Typecode> =
  | number
  | Iterable<AssignableTo<C>>
  | (C extends 'c' ? Uint8Array | string : never);

/** Makes a shared array, with or without `new`. */
export interface ArrayFactory {
  new <C extends Typecode>(typecode: C, sizeOrInit: ArraySource<C>, options: { lock: false }): RawArrayOf<C>;
  new <C extends Typecode>(typecode: C, sizeOrInit: ArraySource<C>, options?: LockOption): SharedArrayOf<C>;
  <C extends Typecode>(typecode: C, sizeOrInit: ArraySource<C>, options: { lock: false }): RawArrayOf<C>;
  <C extends Typecode>(typecode: C, sizeOrInit: ArraySource<C>, options?: LockOption): SharedArrayOf<C>;
}

/** Makes a shared array without a lock, with or without `new`. */
export interface RawArrayFactory {
  new <C extends Typecode>(typecode: C, sizeOrInit: ArraySource<C>): RawArrayOf<C>;
  <C extends Typecode>(typecode: C, sizeOrInit: ArraySource<C>): RawArrayOf<C>;
}

/** The four factories on one memory, whose locks are of class `RLock`. */
export interface SharedFactories {
  Value: ValueFactory;
  RawValue: RawValueFactory;
  Array: ArrayFactory;
  RawArray: RawArrayFactory;
}

type MakeLock = (place: Place) => Lockable;

/** Makes the factories, and lets what they make travel. */
export function sharedFactories(module: Module, memory: () => Memory, makeLock: MakeLock): SharedFactories {
  class BoundRawValue<C extends Typecode> extends RawValue<C> {
    constructor(place: Place) {
      super(place);
    }
  }
  class BoundValue<C extends Typecode> extends SynchronizedValue<C> {
    constructor(place: Place, lock: Lockable | MakeLock) {
      super(place, lock);
    }

    getObj(): { value: ValueOf<C> } {
      const cell = this as { value: ValueOf<C> };
      return Object.defineProperty({} as { value: ValueOf<C> }, 'value', {
        get: () => cell.value,
        set: (value) => {
          cell.value = value;
        },
        enumerable: true,
      });
    }
  }
  Object.defineProperty(BoundValue, 'name', { value: 'Value' });
  Object.defineProperty(BoundRawValue, 'name', { value: 'RawValue' });

  registerShared(BoundRawValue, module, 'RawValue', memory, (place) => new BoundRawValue(place));
  registerReducer(BoundValue, {
    tag: `${module}.Value`,
    dump(value, context): [number, Lockable | null] {
      checkScope(value.place, 'Value', context);
      context.addReference(value);
      return [value.place.base, value.foreignLock];
    },
    load([base, lock]: [number, Lockable | null]) {
      return objectAt(new Place(memory(), base), (place) => new BoundValue(place, lock ?? makeLock));
    },
  });

  const newValue = (who: string, args: readonly unknown[], raw: boolean): object => {
    const { code, init, lock } = parseValueArguments(args, who);
    if (lock !== false && !raw) checkLock(lock, who);
    const place = placeForValue(memory(), code);
    initialiseValue(place, code, init);
    if (raw || lock === false) return new BoundRawValue(place);
    return new BoundValue(place, lock === true || lock === null || lock === undefined ? makeLock : (lock as Lockable));
  };
  const newArray = (who: string, args: readonly unknown[], raw: boolean): object => {
    const [code, source, options] = args;
    const lock = raw ? false : ((options as LockOption | undefined)?.lock ?? true);
    if (lock !== false) checkLock(lock, who);
    const chosen = (lock as unknown) === false ? null : lock === true ? makeLock : (lock as Lockable);
    return makeArray(module, memory(), code, source, chosen, who);
  };

  const tag = `${module}.Array.`;
  registerArrays(module, (cls, kind) =>
    registerReducer<AnyTypedArray>(cls, {
      tag: tag + kind,
      dump(array, context): [number, Lockable | null] {
        const holder = holderOf(array);
        checkScope(holder.place, 'Array', context);
        context.addReference(holder);
        return [holder.place.base, holder.foreignLock];
      },
      load([base, lock]: [number, Lockable | null]) {
        return arrayAt(module, new Place(memory(), base), lock ?? makeLock);
      },
    }),
  );
  registerFamily(tag, (kind) => defineKind(module, kind));
  return {
    Value: callable('Value', (...args) => newValue('Value', args, false), BoundValue.prototype),
    RawValue: callable('RawValue', (...args) => newValue('RawValue', args, true), BoundRawValue.prototype),
    Array: arrayFactory('Array', (...args) => newArray('Array', args, false)),
    RawArray: arrayFactory('RawArray', (...args) => newArray('RawArray', args, true)),
  };
}

function checkLock(lock: unknown, who: string): void {
  if (lock === true || lock === null || lock === undefined) return;
  if (typeof (lock as { acquire?: unknown } | undefined)?.acquire === 'function') return;
  throw new TypeError(`${who}: lock must be true, false or a lock, not ${describe(lock)}`);
}

/** An array's class is that of its code, so that `instanceof` has to ask the array. */
function arrayFactory<F>(name: 'Array' | 'RawArray', make: (...args: never[]) => object): F {
  const factory = callable<object>(name, make, {});
  Object.defineProperty(factory, Symbol.hasInstance, { value: (array: unknown) => isSharedArray(array, name) });
  return factory as F;
}
