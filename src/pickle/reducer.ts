/**
 * How the library's own objects say what they send of themselves: a *reducer* for each class, as `copyreg` has in
 * Python. See https://docs.python.org/3/library/copyreg.html
 *
 * @module
 */

import { findInParts } from '../memory/parts.ts';

/**
 * Who will read the message: another thread of this process, another process of its family, a worker of the same
 * project on any machine, which shares no memory with this one but may be sent functions, or a program somewhere else,
 * which shares nothing and is not trusted with more than data.
 */
export type Scope = 'thread' | 'process' | 'cluster' | 'network';

/** What a reducer may ask and tell while its object is written. */
export interface DumpContext {
  readonly scope: Scope;
  /** Where in the value the pickler is: `args[0].locks.get("a")`, `work: captured variable "lock"`. */
  path(): string;
  /** Notes an object that must stay alive while the message is under way; they are collected in `Pickled.references`. */
  addReference(reference: object): void;
}

/** How objects of one class are written and made again. */
export interface Reducer<T extends object> {
  /** The name on the wire, stable and unique in the library, such as `Lock`. */
  tag: string;
  /**
   * Whether objects of the class may go to, and come from, other machines and programs somewhere else. Then `load` must
   * stand any state: who sends it may have forged it.
   */
  network?: boolean;
  /** Whether it makes the whole object, whatever subclass that is of: neither class nor fields go beside the state. */
  whole?: boolean;
  /** A state, which is pickled in turn. Throws a `PicklingError` when the object must not travel. */
  dump(value: T, context: DumpContext): unknown;
  /** Makes a ready object of a state. */
  // biome-ignore lint/suspicious/noExplicitAny: a state has whatever type its own dump() gave it
  load(state: any): T;
}

// biome-ignore lint/suspicious/noExplicitAny: reducers of all classes
export type AnyReducer = Reducer<any>;
type Class = abstract new (...args: never[]) => object;

const byPrototype = new Map<object, AnyReducer>();
const byTag = new Map<string, AnyReducer>();
const classesByTag = new Map<string, Class>();
const tagsByClass = new Map<Class, string>();
const families = new Map<string, (rest: string) => void>();
const identities: ((o: object) => AnyReducer | undefined)[] = [];

/** Sets how instances of `cls`, and of its subclasses, travel. */
export function registerReducer<T extends object>(
  // biome-ignore lint/suspicious/noExplicitAny: a class with any constructor
  cls: abstract new (...args: any[]) => T,
  reducer: Reducer<T>,
): void {
  byPrototype.set(cls.prototype, reducer);
  byTag.set(reducer.tag, reducer);
  classesByTag.set(reducer.tag, cls);
  tagsByClass.set(cls, reducer.tag);
}

/**
 * Sets how objects travel that no class tells apart, such as proxies: `test` is asked about every `Proxy` and every
 * object whose class has no reducer of its own (not about plain objects and arrays) and gives the reducer or nothing.
 * `reducers` are all that `test` may give, so that the other side knows them by tag.
 */
export function registerIdentity(test: (o: object) => AnyReducer | undefined, ...reducers: AnyReducer[]): void {
  identities.push(test);
  for (const reducer of reducers) byTag.set(reducer.tag, reducer);
}

/**
 * Sets that classes whose tags begin with `prefix` are made when they are first needed: `make` is given the rest of the
 * tag, and registers what that names.
 */
export function registerFamily(prefix: string, make: (rest: string) => void): void {
  families.set(prefix, make);
}

function findTag<T>(map: Map<string, T>, tag: string): T | undefined {
  return findInParts(() => {
    if (!map.has(tag)) {
      for (const [prefix, make] of families) if (tag.startsWith(prefix)) make(tag.slice(prefix.length));
    }
    return map.get(tag);
  });
}

/** Gives a class or function of the library a name, so that it travels as that name and never as source text. */
export function registerClass(tag: string, cls: Class | ((...args: never[]) => unknown)): void {
  classesByTag.set(tag, cls as Class);
  tagsByClass.set(cls as Class, tag);
}

/** The reducer of an object: that of its class or the nearest base class. */
export function findReducer(o: object): AnyReducer | undefined {
  for (const test of identities) {
    const reducer = test(o);
    if (reducer !== undefined) return reducer;
  }
  let prototype = Object.getPrototypeOf(o);
  while (prototype !== null) {
    const reducer = byPrototype.get(prototype);
    if (reducer !== undefined) return reducer;
    prototype = Object.getPrototypeOf(prototype);
  }
  return undefined;
}

/** The reducer of a `Proxy`, which only an identity test can recognise. */
export function findIdentity(o: object): AnyReducer | undefined {
  for (const test of identities) {
    const reducer = test(o);
    if (reducer !== undefined) return reducer;
  }
  return undefined;
}

export function reducerByTag(tag: string): AnyReducer | undefined {
  return findTag(byTag, tag);
}

/** Whether objects of a tag may come from a program somewhere else; none makes this one load anything. */
export function travelsAnywhere(tag: string): boolean {
  return byTag.get(tag)?.network === true;
}

/** Whether `prototype` belongs to exactly the class that the reducer was registered for. */
export function isReducedPrototype(prototype: object): boolean {
  return byPrototype.has(prototype);
}

export function classByTag(tag: string): Class | undefined {
  return findTag(classesByTag, tag);
}

export function tagOfClass(cls: object): string | undefined {
  return tagsByClass.get(cls as Class);
}
