/** The types that a manager can make: each subclass of `BaseManager` has a registry, which travels to its server. */

import { describe } from '../sync/timeout.ts';
import { builtinTypes, kinds } from './kinds.ts';
import type { ProxyClass } from './reference.ts';

/** What makes the objects of a type: a class, or a function (which may be async). */
// biome-ignore lint/suspicious/noExplicitAny: a function or class with any parameters
export type ManagedType = ((...args: any[]) => unknown) | (abstract new (...args: any[]) => unknown);

/** Options of `BaseManager.register`. */
export interface RegisterOptions {
  /**
   * The class of the proxies: a subclass of `BaseProxy`, or one of the library's (`DictProxy`, `ListProxy`,
   * `NamespaceProxy`, …). Absent: one with the methods that are exposed.
   */
  proxytype?: ProxyClass | null;
  /** The methods that proxies may call; absent: all whose name does not begin with `_`. */
  exposed?: readonly string[] | null;
  /** Methods whose results stay in the server, as objects of a registered type: `{ method: typeid }`. */
  methodToTypeid?: Readonly<Record<string, string>> | null;
  /** Whether managers get a method of the type's name (default true). */
  createMethod?: boolean;
}

export interface TypeEntry {
  /** A type that the server knows by itself; null: `callable` makes the objects. */
  readonly builtin: string | null;
  readonly callable: ManagedType | null;
  readonly kind: string;
  readonly proxytype: ProxyClass | null;
  readonly exposed: readonly string[] | null;
  readonly methodToTypeid: Readonly<Record<string, string>>;
}

export type Registry = Map<string, TypeEntry>;

/** Where a class of managers has its registry. */
export const REGISTRY: unique symbol = Symbol('registry');

/** A class of managers. */
interface RegisteringClass {
  [REGISTRY]: Registry;
}

/** Gives a class the registry that it begins with. */
export function setRegistry(cls: RegisteringClass, registry: Registry): void {
  cls[REGISTRY] = registry;
}

/** Enters a type in the registry that a class has for itself, which begins with that of its base. */
export function enterType(cls: RegisteringClass, typeid: string, entry: TypeEntry): void {
  if (!Object.hasOwn(cls, REGISTRY)) setRegistry(cls, new Map(cls[REGISTRY]));
  cls[REGISTRY].set(typeid, entry);
}

/** What has no kind of its own: its methods are those of its class. */
export const AUTO = 'auto';

/** Which of the library's classes of proxies are for which kind; entered by where they are defined. */
export const kindsByClass = new Map<ProxyClass, string>();

/** An entry that makes nothing. */
export const NO_TYPE: TypeEntry = {
  builtin: null,
  callable: null,
  kind: AUTO,
  proxytype: null,
  exposed: null,
  methodToTypeid: {},
};

export function builtinEntry(typeid: string): TypeEntry {
  const { kind } = builtinTypes[typeid];
  return { builtin: typeid, callable: null, kind, proxytype: null, exposed: null, methodToTypeid: {} };
}

/** @throws TypeError */
export function entryOf(
  typeid: string,
  callable: ManagedType | null | undefined,
  options: RegisterOptions,
  isProxyClass: (cls: unknown) => boolean,
): TypeEntry {
  const who = 'BaseManager.register';
  if (typeof typeid !== 'string' || typeid === '') {
    throw new TypeError(`${who}: typeid must be a name, not ${describe(typeid)}`);
  }
  if (callable !== undefined && callable !== null && typeof callable !== 'function') {
    throw new TypeError(`${who}: ${typeid}: callable must be a class or a function, not ${describe(callable)}`);
  }
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${who}: ${typeid}: needs an options object such as { exposed }, not ${describe(options)}`);
  }
  const { proxytype = null, exposed = null, methodToTypeid = null } = options;
  if (proxytype !== null && !isProxyClass(proxytype)) {
    throw new TypeError(`${who}: ${typeid}: proxytype must be a subclass of BaseProxy, not ${describe(proxytype)}`);
  }
  if (exposed !== null && !(Array.isArray(exposed) && exposed.every((name) => typeof name === 'string'))) {
    throw new TypeError(`${who}: ${typeid}: exposed must be an array of names, not ${describe(exposed)}`);
  }
  if (methodToTypeid !== null && typeof methodToTypeid !== 'object') {
    throw new TypeError(`${who}: ${typeid}: methodToTypeid must be an object, not ${describe(methodToTypeid)}`);
  }
  const kind = (proxytype && kindsByClass.get(proxytype)) ?? AUTO;
  return {
    builtin: null,
    callable: callable ?? null,
    kind,
    proxytype: kind === AUTO ? proxytype : null,
    exposed: exposed === null ? null : [...exposed],
    methodToTypeid: { ...methodToTypeid },
  };
}

/** Makes an object: with `new`, if a class does it. */
export function construct(callable: ManagedType, args: unknown[]): unknown {
  return isClass(callable)
    ? new (callable as new (...args: unknown[]) => unknown)(...args)
    : (callable as (...args: unknown[]) => unknown)(...args);
}

function isClass(callable: ManagedType): boolean {
  // The property cannot be written in a class, and is missing from methods and arrow functions.
  const prototype = Object.getOwnPropertyDescriptor(callable, 'prototype');
  if (prototype?.writable === false) return true;
  return prototype !== undefined && Object.getOwnPropertyNames(prototype.value).length > 1;
}

/** The methods of an object that may be called from elsewhere: all but those whose name begins with `_`. */
export function publicMethods(object: unknown): string[] {
  const names = new Set<string>();
  if (typeof object !== 'object' || object === null) return [];
  for (let o: object | null = object; o !== null && o !== Object.prototype; o = Object.getPrototypeOf(o)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(o))) {
      if (typeof value === 'function' && name !== 'constructor' && !name.startsWith('_')) names.add(name);
    }
  }
  return [...names];
}

export { kinds };
