/** Which proxies there are, and what each refers to. */

import type { ProxyClass, Reference } from './reference.ts';
import { AUTO, kindsByClass } from './registry.ts';

const references = new WeakMap<object, Reference>();
const makers = new Map<string, (reference: Reference) => object>();

/** Enters a class of the library's proxies, for a kind of objects. */
export function registerProxy(kind: string, cls: ProxyClass, make: (reference: Reference) => object): void {
  makers.set(kind, make);
  if (kind !== AUTO) kindsByClass.set(cls, kind);
}

/** Says what a proxy refers to. */
export function enterProxy(proxy: object, reference: Reference): void {
  references.set(proxy, reference);
}

/** What a proxy refers to; undefined for anything else. */
export function referenceOf(proxy: unknown): Reference | undefined {
  return typeof proxy === 'object' && proxy !== null ? references.get(proxy) : undefined;
}

/** Makes a proxy. */
export function proxyFor(reference: Reference): object {
  const { kind, proxytype } = reference.description;
  if (proxytype !== null) return new (proxytype as unknown as new (reference: Reference) => object)(reference);
  const make = makers.get(kind) ?? makers.get(AUTO);
  return (make as (reference: Reference) => object)(reference);
}
