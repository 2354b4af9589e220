/** An object that a server has for others. */

import { inspect } from 'node:util';
import { AttributeError } from '../errors.ts';
import { letGo } from '../memory/handle.ts';
import { type Call, listed } from './call.ts';
import { type Kind, kinds } from './kinds.ts';
import type { Description } from './reference.ts';
import { AUTO, publicMethods, type TypeEntry } from './registry.ts';
import type { Action } from './remote-object.ts';
import { Token } from './token.ts';

/** Whether an object has a property that is no method: one of its own, or an accessor of its class. */
function isProperty(object: unknown, name: string): boolean {
  if (typeof object !== 'object' || object === null) return false;
  for (let o: object | null = object; o !== null && o !== Object.prototype; o = Object.getPrototypeOf(o)) {
    const property = Object.getOwnPropertyDescriptor(o, name);
    if (property !== undefined) return typeof property.value !== 'function';
  }
  return false;
}

export class Exposed {
  readonly referent: unknown;
  readonly description: Description;
  readonly #kind: Kind | null;
  readonly #names: ReadonlySet<string>;
  readonly #results: Readonly<Record<string, string>>;
  #token: Token | null = null;
  /** How many references other programs have. */
  foreign = 0;
  /** The proxy that objects of this server have of it. */
  local: WeakRef<object> | null = null;

  constructor(object: number, typeid: string, referent: unknown, entry: TypeEntry | null, kind: string) {
    this.referent = referent;
    this.#kind = kind === AUTO ? null : kinds[kind];
    const methods = this.#kind === null ? publicMethods(referent) : Object.keys(this.#kind.methods);
    const exposed = entry?.exposed ?? methods;
    this.#names = new Set(exposed);
    this.#results = { ...this.#kind?.results, ...entry?.methodToTypeid };
    // A kind has a proxy with methods of its own: they need no list.
    this.description = {
      object,
      typeid,
      kind,
      exposed: this.#kind === null ? exposed : [],
      proxytype: entry?.proxytype ?? null,
    };
  }

  /** What other threads and processes of the family hold. */
  get token(): Token {
    this.#token ??= Token.create(this.description.object);
    return this.#token;
  }

  /** Whether anybody has a proxy of it. */
  get isWanted(): boolean {
    if (this.foreign > 0 || this.local?.deref() !== undefined) return true;
    return this.#token !== null && !this.#token.isLone;
  }

  /** Calls a method. @throws AttributeError there is none, or it is not exposed; and what the method throws */
  invoke(call: Call, method: string, args: unknown[]): unknown {
    if (this.#names.has(method)) {
      const own = this.#kind?.methods;
      if (own !== undefined && Object.hasOwn(own, method)) return own[method](this.referent, call, ...args);
      const { referent } = this;
      const found = (referent as Record<string, unknown> | null)?.[method];
      if (typeof found === 'function') return found.apply(referent, args);
    }
    throw new AttributeError(
      `${this.description.typeid}: there is no method "${method}" that a proxy may call; there are: ` +
        listed(this.#names),
    );
  }

  /**
   * Whether something may be done to the object as Comlink does it: to its own properties, and its exposed methods.
   * Another program reaches no further than that. @throws AttributeError
   */
  checkReach(action: Action, path: readonly string[], isForeign: boolean): void {
    const [name] = path;
    const { referent } = this;
    const isData = name !== undefined && !name.startsWith('_') && isProperty(referent, name);
    const allowed = name === undefined ? action !== 'set' && !isForeign : this.#names.has(name) || isData;
    const nearby =
      !isForeign ||
      (path.length === 1 && (action === 'apply' ? this.#names.has(name) : isData && action !== 'construct'));
    if (this.#kind === null && allowed && nearby) return;
    throw new AttributeError(
      `${this.description.typeid}: there is nothing at "${path.join('.')}" that may be reached from elsewhere; the ` +
        `methods are: ${listed(this.#names)}`,
    );
  }

  /** Of which type a method's result is, if it stays in the server. */
  resultType(method: string): string | undefined {
    return Object.hasOwn(this.#results, method) ? this.#results[method] : undefined;
  }

  /** A copy of it. @throws AttributeError it has no value */
  value(): unknown {
    if (this.#kind === null) return this.referent;
    if (this.#kind.value !== undefined) return this.#kind.value(this.referent as never);
    throw new AttributeError(`${this.description.typeid}: it has no value that could be copied`);
  }

  /** Nobody has it any more. */
  drop(): void {
    if (this.#token !== null) letGo(this.#token);
    this.#token = null;
    this.#kind?.end?.(this.referent as never);
  }
}

/** How an object is shown to who asks for its text. */
export function show(referent: unknown): string {
  return inspect(referent, { depth: 4, breakLength: Number.POSITIVE_INFINITY });
}
