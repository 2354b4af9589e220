import { BaseProxy, type CallAsyncOptions, callLater, callNow } from './base-proxy.ts';
import { iterate, iterateAsync } from './chunks.ts';
import { registerProxy } from './proxies.ts';

/** What a dictionary can be made of: a Map, pairs, or the properties of an object. */
export type DictSource<K, V> =
  | Iterable<readonly [K, V]>
  | (K extends string ? { readonly [key: string]: V } : never)
  | DictProxy<K, V>;

/**
 * A dictionary in the server of a manager: a `Map` that is shared. Each call blocks this thread for its answer and has
 * an `Async` twin; what it gives and takes are copies, so that a changed value must be set again. A proxy is a value like
 * any other.
 *
 * Keys are those of a `Map`: a string, a number; an object that is sent twice is two keys.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.dict
 */
export class DictProxy<K = unknown, V = unknown> extends BaseProxy {
  /** The value of a key; when there is none, `fallback`. */
  get(key: K): V | undefined;
  get<D>(key: K, fallback: D): V | D;
  get(key: K, ...fallback: unknown[]): unknown {
    return callNow(this, 'get', [key, ...fallback]);
  }

  /** {@link get} while the event loop goes on. */
  async getAsync(key: K, fallback?: undefined, options?: CallAsyncOptions): Promise<V | undefined>;
  async getAsync<D>(key: K, fallback: D, options?: CallAsyncOptions): Promise<V | D>;
  async getAsync(key: K, fallback?: unknown, options?: CallAsyncOptions): Promise<unknown> {
    return callLater(this, 'get', fallback === undefined ? [key] : [key, fallback], options);
  }

  /** Sets the value of a key. @throws PicklingError it cannot be sent. */
  set(key: K, value: V): this {
    callNow(this, 'set', [key, value]);
    return this;
  }

  /** {@link set} while the event loop goes on. */
  async setAsync(key: K, value: V, options?: CallAsyncOptions): Promise<void> {
    await callLater(this, 'set', [key, value], options);
  }

  /** Whether there is such a key. */
  has(key: K): boolean {
    return callNow(this, 'has', [key]);
  }

  /** {@link has} while the event loop goes on. */
  async hasAsync(key: K, options?: CallAsyncOptions): Promise<boolean> {
    return callLater(this, 'has', [key], options);
  }

  /** Removes a key. @returns whether there was one. */
  delete(key: K): boolean {
    return callNow(this, 'delete', [key]);
  }

  /** {@link delete} while the event loop goes on. */
  async deleteAsync(key: K, options?: CallAsyncOptions): Promise<boolean> {
    return callLater(this, 'delete', [key], options);
  }

  /** Removes all keys. */
  clear(): void {
    callNow(this, 'clear', []);
  }

  /** {@link clear} while the event loop goes on. */
  async clearAsync(options?: CallAsyncOptions): Promise<void> {
    await callLater(this, 'clear', [], options);
  }

  /** How many keys there are. */
  get size(): number {
    return callNow(this, 'size', []);
  }

  /** {@link size} while the event loop goes on. */
  async sizeAsync(options?: CallAsyncOptions): Promise<number> {
    return callLater(this, 'size', [], options);
  }

  /**
   * Removes a key and gives its value, in one step.
   * @throws KeyError there is no such key, and no `fallback` was given.
   */
  pop(key: K): V;
  pop<D>(key: K, fallback: D): V | D;
  pop(...args: unknown[]): unknown {
    return callNow(this, 'pop', args);
  }

  /** {@link pop} while the event loop goes on. With a `fallback`, even undefined, there is no `KeyError`. */
  async popAsync(key: K): Promise<V>;
  async popAsync<D>(key: K, fallback: D, options?: CallAsyncOptions): Promise<V | D>;
  async popAsync(...args: unknown[]): Promise<unknown> {
    return callLater(this, 'pop', args.slice(0, 2), args[2] as CallAsyncOptions | undefined);
  }

  /** Removes the entry that was added last, and gives it. @throws KeyError there is none. */
  popitem(): [K, V] {
    return callNow(this, 'popitem', []);
  }

  /** {@link popitem} while the event loop goes on. */
  async popitemAsync(options?: CallAsyncOptions): Promise<[K, V]> {
    return callLater(this, 'popitem', [], options);
  }

  /** The value of a key; if there is none, it is set to `fallback` first, in one step. */
  setdefault(key: K, fallback: V): V {
    return callNow(this, 'setdefault', [key, fallback]);
  }

  /** {@link setdefault} while the event loop goes on. */
  async setdefaultAsync(key: K, fallback: V, options?: CallAsyncOptions): Promise<V> {
    return callLater(this, 'setdefault', [key, fallback], options);
  }

  /** Sets many keys, in one step. @throws TypeError they are no entries. */
  update(entries: DictSource<K, V>): void {
    callNow(this, 'update', [plain(entries)]);
  }

  /** {@link update} while the event loop goes on. */
  async updateAsync(entries: DictSource<K, V>, options?: CallAsyncOptions): Promise<void> {
    await callLater(this, 'update', [plain(entries)], options);
  }

  /** A copy: a `Map` of this thread. */
  copy(): Map<K, V> {
    return callNow(this, 'copy', []);
  }

  /** {@link copy} while the event loop goes on. */
  async copyAsync(options?: CallAsyncOptions): Promise<Map<K, V>> {
    return callLater(this, 'copy', [], options);
  }

  /** The keys as they are when the iteration begins. */
  keys(): IterableIterator<K> {
    return iterate(this, 'keys');
  }

  /** {@link keys} for `for await`. */
  keysAsync(): AsyncIterableIterator<K> {
    return iterateAsync(this, 'keys');
  }

  /** The values as they are when the iteration begins. */
  values(): IterableIterator<V> {
    return iterate(this, 'values');
  }

  /** {@link values} for `for await`. */
  valuesAsync(): AsyncIterableIterator<V> {
    return iterateAsync(this, 'values');
  }

  /** The entries as they are when the iteration begins. */
  entries(): IterableIterator<[K, V]> {
    return iterate(this, 'entries');
  }

  /** {@link entries} for `for await`. */
  entriesAsync(): AsyncIterableIterator<[K, V]> {
    return iterateAsync(this, 'entries');
  }

  /** Calls a function, here, for each of the entries as they are now. */
  forEach(callback: (value: V, key: K, dict: this) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this);
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries();
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<[K, V]> {
    return this.entriesAsync();
  }

  /** A copy, as {@link copy}. */
  override _getvalue(): Map<K, V> {
    return this.copy();
  }
}

/** @internal What is sent of a source: an iterator cannot travel. */
export function plain(source: unknown): unknown {
  if (typeof source !== 'object' || source === null || source instanceof Map || Array.isArray(source)) return source;
  return Symbol.iterator in source ? [...(source as Iterable<unknown>)] : source;
}

registerProxy('dict', DictProxy, (reference) => new DictProxy(reference));
