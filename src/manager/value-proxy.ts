import { BaseProxy, type CallAsyncOptions, callLater, callNow } from './base-proxy.ts';
import { registerProxy } from './proxies.ts';

/**
 * A value in the server of a manager. No type is enforced and there is no lock, as in Python: `value += 1` is two calls.
 * `Value` of `threadwork/multiprocessing` is the fast one.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.Value
 */
export class ValueProxy<T = unknown> extends BaseProxy {
  /** The value; reading and writing it blocks this thread. */
  get value(): T {
    return callNow(this, 'get', []);
  }

  set value(value: T) {
    callNow(this, 'set', [value]);
  }

  /** The same as reading `value`. */
  get(): T {
    return this.value;
  }

  /** Reads `value` while the event loop goes on. */
  async getAsync(options?: CallAsyncOptions): Promise<T> {
    return callLater(this, 'get', [], options);
  }

  /** The same as writing `value`. */
  set(value: T): void {
    this.value = value;
  }

  /** Writes `value` while the event loop goes on. */
  async setAsync(value: T, options?: CallAsyncOptions): Promise<void> {
    await callLater(this, 'set', [value], options);
  }
}

registerProxy('Value', ValueProxy, (reference) => new ValueProxy(reference));
