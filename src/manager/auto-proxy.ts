/** Proxies of objects of your own: with the methods that are exposed, each in a blocking form and an `Async` one. */

import type { Remote } from 'comlink';
import { asyncObject } from './async-object.ts';
import { BaseProxy, callLater, callNow } from './base-proxy.ts';
import { registerProxy } from './proxies.ts';
import type { Reference } from './reference.ts';
import type { ManagedType } from './registry.ts';
import { AUTO } from './registry.ts';

/** The names of the methods of a class that a proxy has. */
export type MethodNames<T> = {
  [K in keyof T]: K extends `_${string}` | symbol | number
    ? never
    : // biome-ignore lint/suspicious/noExplicitAny: any method
      T[K] extends (...args: any[]) => unknown
      ? K
      : never;
}[keyof T] &
  string;

/** A method as it is called through a proxy: it blocks, also where the object's own is async. */
export type Blocking<F> = F extends (...args: infer A) => infer R ? (...args: A) => Awaited<R> : never;
/** A method's `Async` twin. */
export type Awaitable<F> = F extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;

/**
 * A proxy of a `T`: its methods, which block this thread until they have ended, and their `Async` twins. What they take
 * and give are copies.
 */
export type ProxyOf<T> = BaseProxy & {
  [K in MethodNames<T>]: Blocking<T[K]>;
} & {
  [K in MethodNames<T> as `${K}Async`]: Awaitable<T[K]>;
} & {
  /** The object as Comlink's `Remote<T>`: promises for its properties and methods, callbacks by Comlink's `proxy()`. */
  readonly async: Remote<T>;
};

/** What a type's callable makes. */
export type MadeBy<C extends ManagedType> = C extends abstract new (
  ...args: never[]
) => infer T
  ? T
  : C extends (...args: never[]) => infer T
    ? Awaited<T>
    : never;

/** A proxy whose methods are those of an object of your own. */
class AutoProxy extends BaseProxy {
  get async(): object {
    return asyncObject(this);
  }
}

/** A class for each list of methods. */
const classes = new Map<string, new (reference: Reference) => BaseProxy>();

function classFor(typeid: string, exposed: readonly string[]): new (reference: Reference) => BaseProxy {
  const key = JSON.stringify([typeid, exposed]);
  const known = classes.get(key);
  if (known !== undefined) return known;
  const made = class extends AutoProxy {};
  Object.defineProperty(made, 'name', { value: `AutoProxy[${typeid}]` });
  const define = (name: string, value: (...args: unknown[]) => unknown): void => {
    // What every proxy has stays what it is; the method can still be called with _callmethod.
    if (name in AutoProxy.prototype && name !== 'toString') return;
    Object.defineProperty(value, 'name', { value: name });
    Object.defineProperty(made.prototype, name, { value, writable: true, configurable: true });
  };
  for (const method of exposed) {
    define(method, function (this: BaseProxy, ...args) {
      return callNow(this, method, args);
    });
    if (exposed.includes(`${method}Async`)) continue;
    define(`${method}Async`, async function (this: BaseProxy, ...args) {
      return callLater(this, method, args);
    });
  }
  classes.set(key, made);
  return made;
}

registerProxy(AUTO, AutoProxy, (reference) => {
  const { typeid, exposed } = reference.description;
  return new (classFor(typeid, exposed))(reference);
});
