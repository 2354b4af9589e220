import type { LineEnd } from './pipe-line.ts';
import type { Token } from './token.ts';

/** A server, for what runs in its thread. */
export interface Host {
  readonly door: LineEnd;
  /** Calls a method of an object; object 0 is the server itself. */
  callHere(object: number, method: string, args: unknown[], flow: number, signal?: AbortSignal): unknown;
  /** The proxy that this thread has of an object. */
  proxyOf(object: number): object;
  tokenOf(object: number): Token;
  find(object: number): { readonly referent: unknown };
}

/** The servers of this thread, by the place of their door. */
export const hosts = new Map<number, Host>();
