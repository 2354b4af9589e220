/** The objects of a server by their numbers, and when they are given up: soon after nobody has a proxy of them any more. */

import { RemoteError } from '../errors.ts';
import { Made } from './call.ts';
import { Exposed, show } from './exposed.ts';
import type { Host } from './host.ts';
import { kinds } from './kinds.ts';
import { LocalReference } from './local-reference.ts';
import { enterProxy, proxyFor } from './proxies.ts';
import { AUTO, type TypeEntry } from './registry.ts';

/** How often is looked for objects that nobody has any more, unless somebody says that there may be some. */
const SWEEP_MILLISECONDS = 1000;

export class ObjectTable {
  /** What the server's own proxies of the objects refer to. */
  readonly #host: Host;
  readonly #objects = new Map<number, Exposed>();
  #last = 0;
  #sweeper: NodeJS.Timeout | null = null;
  #sweepDue = false;

  constructor(host: Host) {
    this.#host = host;
  }

  get size(): number {
    return this.#objects.size;
  }

  [Symbol.iterator](): IterableIterator<Exposed> {
    return this.#objects.values();
  }

  /** @throws RemoteError it is gone */
  find(object: number): Exposed {
    const exposed = this.#objects.get(object);
    if (exposed !== undefined) return exposed;
    throw new RemoteError(`the server has no object ${object} any more: every proxy of it was released`);
  }

  /** Takes an object in. @throws TypeError it is not what the proxies of its type are for */
  expose(typeid: string, referent: unknown, entry: TypeEntry | null): Made {
    const builtin = entry?.builtin ?? null;
    const kind = entry?.kind ?? (Object.hasOwn(kinds, typeid) ? typeid : AUTO);
    if (builtin === null && entry !== null && kind !== AUTO && !kinds[kind].fits(referent)) {
      throw new TypeError(
        `the type "${typeid}" is registered with the proxies of a ${kind}, and its callable has made ${show(referent)}`,
      );
    }
    this.#last = (this.#last % 0x3fff_ffff) + 1;
    while (this.#objects.has(this.#last)) this.#last++;
    const exposed = new Exposed(this.#last, typeid, referent, entry, kind);
    this.#objects.set(this.#last, exposed);
    this.#sweeper ??= setInterval(() => this.sweep(), SWEEP_MILLISECONDS).unref();
    const made = new Made(this.#last);
    enterProxy(made, new LocalReference(exposed.description, this.#host));
    return made;
  }

  /** The proxy that code of the server itself has of an object. */
  proxyOf(object: number): object {
    const exposed = this.find(object);
    let proxy = exposed.local?.deref();
    if (proxy === undefined) {
      proxy = proxyFor(new LocalReference(exposed.description, this.#host));
      exposed.local = new WeakRef(proxy);
    }
    return proxy;
  }

  /** References of other programs are given back. */
  release(object: number, count: number): void {
    const exposed = this.#objects.get(object);
    if (exposed === undefined) return;
    exposed.foreign = Math.max(0, exposed.foreign - count);
    this.sweepSoon();
  }

  /** Looks for objects that nobody has any more, soon. */
  sweepSoon(): void {
    if (this.#sweepDue) return;
    this.#sweepDue = true;
    setImmediate(() => {
      this.#sweepDue = false;
      this.sweep();
    });
  }

  /** Gives up what nobody has any more. */
  sweep(): void {
    for (const [object, exposed] of this.#objects) {
      if (exposed.isWanted) continue;
      this.#objects.delete(object);
      exposed.drop();
    }
  }

  /** Gives up everything: the server has ended. */
  close(): void {
    if (this.#sweeper !== null) clearInterval(this.#sweeper);
    for (const exposed of this.#objects.values()) exposed.drop();
    this.#objects.clear();
  }
}
