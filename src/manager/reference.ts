/** What a proxy refers to, wherever that is: how its methods are called, and how it travels. */

import type { DumpContext } from '../pickle/reducer.ts';

/** What is known of an object of a manager wherever there is a proxy of it. */
export interface Description {
  /** Its number in the server. */
  readonly object: number;
  /** The name that its type was registered under. */
  readonly typeid: string;
  /** Which kind of proxy it has (proxy-kinds.ts). */
  readonly kind: string;
  /** The methods that can be called. */
  readonly exposed: readonly string[];
  /** The proxy's own class, if the type was registered with one. */
  readonly proxytype: ProxyClass | null;
}

/** A class of proxies; what it is given is the library's business. */
export type ProxyClass = abstract new (reference: never) => object;

export abstract class Reference {
  readonly description: Description;
  constructor(description: Description) {
    this.description = description;
  }

  /** Calls a method, blocking; `flow`: see sync/flow.ts. */
  abstract call(method: string, args: readonly unknown[], flow: number): unknown;
  /** Calls a method while the event loop goes on. */
  abstract callAsync(method: string, args: readonly unknown[], flow: number, signal?: AbortSignal): Promise<unknown>;
  /** Asks the server itself something (controls.ts), blocking. */
  abstract control(what: string, args: readonly unknown[]): unknown;
  abstract controlAsync(what: string, args: readonly unknown[]): Promise<unknown>;
  /** Gives the object up here, before the proxy is collected. */
  abstract release(): void;
  /** Where callbacks for the server are kept (callbacks.ts); undefined where it cannot call any. */
  abstract callbacks(): { enter(callback: object): number } | undefined;
  /** What is sent in its place. @throws PicklingError */
  abstract dump(context: DumpContext): unknown;
  /** The same object in the same server? */
  abstract isSame(other: Reference): boolean;
  /** Where the server is, for people to read. */
  abstract get where(): string;
}
