/** The methods by which managers make the objects of types that were registered. */

import { ValueError } from '../errors.ts';
import type { MadeBy, ProxyOf } from './auto-proxy.ts';
import type { ManagedType } from './registry.ts';

/** The methods that a registered type gives to its manager. */
export type Makes<N extends string, C extends ManagedType> = {
  [K in N]: (...args: ArgumentsOf<C>) => ProxyOf<MadeBy<C>>;
} & {
  [K in `${N}Async`]: (...args: ArgumentsOf<C>) => Promise<ProxyOf<MadeBy<C>>>;
};

/** The arguments of what makes the objects of a type. */
export type ArgumentsOf<C extends ManagedType> = C extends abstract new (
  ...args: infer A
) => unknown
  ? A
  : C extends (...args: infer A) => unknown
    ? A
    : never;

/** What they need of a manager. */
interface Maker {
  _create(typeid: string, args: unknown[]): unknown;
  _createAsync(typeid: string, args: unknown[]): Promise<unknown>;
}

/**
 * Has managers of a class make a type, by a method of its name and its `Async` twin.
 * @param base the prototype that all managers have. @throws ValueError the name is a method of every manager
 */
export function addMakerMethods(prototype: object, base: object, typeid: string): void {
  if (Object.hasOwn(base, typeid)) {
    throw new ValueError(`BaseManager.register: "${typeid}" is a method of every manager; choose another name`);
  }
  const define = (name: string, value: unknown): void => {
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  };
  define(typeid, function (this: Maker, ...args: unknown[]) {
    return this._create(typeid, args);
  });
  define(`${typeid}Async`, async function (this: Maker, ...args: unknown[]) {
    return this._createAsync(typeid, args);
  });
}
