import { ValueError } from '../errors.ts';
import { BaseProxy, type CallAsyncOptions, callLater, callNow } from './base-proxy.ts';
import { iterate, iterateAsync } from './chunks.ts';
import { enterProxy } from './proxies.ts';
import type { Reference } from './reference.ts';

const INDEX = /^(?:0|[1-9]\d*)$/;

/**
 * What an array and a list have in common, in the server of a manager. Each call blocks this thread for its answer and
 * has an `Async` twin; what it gives and takes are copies, so that a changed item must be set again.
 */
export abstract class SequenceProxy<T = unknown> extends BaseProxy {
  [index: number]: T;

  /** @internal */
  constructor(reference: Reference) {
    super(reference);
    // biome-ignore lint/correctness/noConstructorReturn: an index is a property of any name, which takes a Proxy
    return withIndexes(this, reference);
  }

  /** How many items there are. */
  get length(): number {
    return callNow(this, 'length', []);
  }

  /** {@link length} while the event loop goes on. */
  async lengthAsync(options?: CallAsyncOptions): Promise<number> {
    return callLater(this, 'length', [], options);
  }

  /** The item at an index; below 0, counted from the end. Undefined if there is none. */
  at(index: number): T | undefined {
    return callNow(this, 'at', [index]);
  }

  /** {@link at} while the event loop goes on: what `list[index]` reads. */
  async getAsync(index: number, options?: CallAsyncOptions): Promise<T | undefined> {
    return callLater(this, 'at', [index], options);
  }

  /** What `list[index] = item` does, while the event loop goes on. @throws IndexError there is no such index. */
  async setAsync(index: number, item: T, options?: CallAsyncOptions): Promise<void> {
    await callLater(this, 'set', [index, item], options);
  }

  /** A copy of the items from `start` to before `end`, as `Array.slice`. */
  slice(start?: number, end?: number): T[] {
    return callNow(this, 'slice', [start, end]);
  }

  /** {@link slice} while the event loop goes on. */
  async sliceAsync(start?: number, end?: number, options?: CallAsyncOptions): Promise<T[]> {
    return callLater(this, 'slice', [start, end], options);
  }

  /** The items as they are when the iteration begins. */
  values(): IterableIterator<T> {
    return iterate(this, 'values');
  }

  /** {@link values} for `for await`. */
  valuesAsync(): AsyncIterableIterator<T> {
    return iterateAsync(this, 'values');
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.values();
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this.valuesAsync();
  }

  /** A copy: an array of this thread. */
  override _getvalue(): T[] {
    return this.slice();
  }
}

/** Has indexes read and written at the server. */
function withIndexes<P extends BaseProxy>(target: P, reference: Reference): P {
  const proxy = new Proxy(target, {
    get: (object, key, receiver) =>
      typeof key === 'string' && INDEX.test(key)
        ? callNow(object, 'get', [Number(key)])
        : Reflect.get(object, key, receiver),
    set(object, key, value, receiver) {
      if (typeof key === 'string' && INDEX.test(key)) {
        callNow(object, 'set', [Number(key), value]);
        return true;
      }
      if (key === 'length') throw new ValueError('ListProxy: the length cannot be set; use splice() or clear()');
      // -1, 1.5: an array would take it as a property, which no other thread would see.
      if (typeof key === 'string' && Number.isFinite(Number(key))) callNow(object, 'set', [Number(key), value]);
      return Reflect.set(object, key, value, receiver);
    },
    has: (object, key) =>
      typeof key === 'string' && INDEX.test(key) ? Number(key) < callNow<number>(object, 'length', []) : key in object,
  });
  enterProxy(proxy, reference);
  return proxy;
}
