import { BaseProxy, type CallAsyncOptions, callLater, callNow } from './base-proxy.ts';
import { enterProxy, registerProxy } from './proxies.ts';
import type { Reference } from './reference.ts';

/** Names that are the proxy's own: what JavaScript itself asks every object for. */
const OWN = new Set(['constructor', 'then', 'toString', 'toStringAsync', 'toJSON', 'valueOf', 'hasOwnProperty']);

/**
 * Attributes in the server of a manager, as plain properties: `ns.x = 1`, `ns.x`, `delete ns.x`, `'x' in ns`,
 * `Object.keys(ns)`. Each blocks this thread for its answer. Names that begin with `_` stay with the proxy, as in Python;
 * the `Async` twins are `_getAsync`, `_setAsync`, `_deleteAsync` and `_keysAsync`.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.Namespace
 */
export class NamespaceProxy<T extends object = Record<string, unknown>> extends BaseProxy {
  /** @internal */
  constructor(reference: Reference) {
    super(reference);
    const proxy = new Proxy(this, handler) as this;
    enterProxy(proxy, reference);
    // biome-ignore lint/correctness/noConstructorReturn: attributes are properties of any name, which takes a Proxy
    return proxy;
  }

  /** Reads an attribute while the event loop goes on. */
  async _getAsync<N extends keyof T>(name: N, options?: CallAsyncOptions): Promise<T[N]> {
    return callLater(this, 'get', [name], options);
  }

  /** Sets an attribute while the event loop goes on. */
  async _setAsync<N extends keyof T>(name: N, value: T[N], options?: CallAsyncOptions): Promise<void> {
    await callLater(this, 'set', [name, value], options);
  }

  /** Deletes an attribute while the event loop goes on. @throws AttributeError there is none. */
  async _deleteAsync(name: keyof T, options?: CallAsyncOptions): Promise<void> {
    await callLater(this, 'delete', [name], options);
  }

  /** The names of the attributes, while the event loop goes on. */
  async _keysAsync(options?: CallAsyncOptions): Promise<(keyof T)[]> {
    return callLater(this, 'keys', [], options);
  }

  /** A copy: a plain object of this thread. */
  override _getvalue(): T {
    return super._getvalue() as T;
  }
}

function isRemote(key: string | symbol): key is string {
  return typeof key === 'string' && !key.startsWith('_') && !OWN.has(key);
}

// biome-ignore lint/suspicious/noExplicitAny: the names of attributes are the program's
const handler: ProxyHandler<any> = {
  get: (target, key, receiver) => (isRemote(key) ? callNow(target, 'get', [key]) : Reflect.get(target, key, receiver)),
  set(target, key, value, receiver) {
    if (!isRemote(key)) return Reflect.set(target, key, value, receiver);
    callNow(target, 'set', [key, value]);
    return true;
  },
  has: (target, key) => (isRemote(key) ? callNow(target, 'has', [key]) : Reflect.has(target, key)),
  deleteProperty(target, key) {
    if (!isRemote(key)) return Reflect.deleteProperty(target, key);
    callNow(target, 'delete', [key]);
    return true;
  },
  ownKeys: (target) => [...callNow<string[]>(target, 'keys', []), ...Reflect.ownKeys(target)],
  getOwnPropertyDescriptor(target, key) {
    if (!isRemote(key)) return Reflect.getOwnPropertyDescriptor(target, key);
    if (!callNow(target, 'has', [key])) return undefined;
    return { value: callNow(target, 'get', [key]), writable: true, enumerable: true, configurable: true };
  },
  defineProperty(target, key, descriptor) {
    if (!isRemote(key)) return Reflect.defineProperty(target, key, descriptor);
    callNow(target, 'set', [key, descriptor.value]);
    return true;
  },
};

registerProxy('Namespace', NamespaceProxy, (reference) => new NamespaceProxy(reference));
