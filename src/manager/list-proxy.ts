import { type CallAsyncOptions, callLater, callNow } from './base-proxy.ts';
import { plain } from './dict-proxy.ts';
import { registerProxy } from './proxies.ts';
import { SequenceProxy } from './sequence-proxy.ts';

/** How {@link ListProxy.sort} orders items. */
export interface SortOptions<T> {
  /** What to order an item by. */
  key?: (item: T) => unknown;
  /** The greatest first. */
  reverse?: boolean;
}

/**
 * A list in the server of a manager: an array that is shared, with Python's methods and the most used ones of
 * JavaScript. `list[i]` and `list[i] = item` are calls as well. Writing at `list.length` appends; beyond it, and below 0,
 * is an `IndexError`. Items are compared by what they hold, as in Python.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.list
 */
export class ListProxy<T = unknown> extends SequenceProxy<T> {
  /** Adds an item at the end. @throws PicklingError it cannot be sent. */
  append(item: T): void {
    callNow(this, 'append', [item]);
  }

  /** {@link append} while the event loop goes on. */
  async appendAsync(item: T, options?: CallAsyncOptions): Promise<void> {
    await callLater(this, 'append', [item], options);
  }

  /** Adds items at the end. @returns the new length. */
  push(...items: T[]): number {
    return callNow(this, 'push', items);
  }

  /** {@link push} while the event loop goes on. */
  async pushAsync(...items: T[]): Promise<number> {
    return callLater(this, 'push', items);
  }

  /** Adds all items of an iterable at the end, in one step. */
  extend(items: Iterable<T>): void {
    callNow(this, 'extend', [plain(items)]);
  }

  /** {@link extend} while the event loop goes on. */
  async extendAsync(items: Iterable<T>, options?: CallAsyncOptions): Promise<void> {
    await callLater(this, 'extend', [plain(items)], options);
  }

  /** Inserts an item before an index; below 0, counted from the end. */
  insert(index: number, item: T): void {
    callNow(this, 'insert', [index, item]);
  }

  /** {@link insert} while the event loop goes on. */
  async insertAsync(index: number, item: T, options?: CallAsyncOptions): Promise<void> {
    await callLater(this, 'insert', [index, item], options);
  }

  /** Removes an item and gives it. @param index absent: the last one. @throws IndexError there is none. */
  pop(index = -1): T {
    return callNow(this, 'pop', [index]);
  }

  /** {@link pop} while the event loop goes on. */
  async popAsync(index = -1, options?: CallAsyncOptions): Promise<T> {
    return callLater(this, 'pop', [index], options);
  }

  /** Removes the first item and gives it; undefined if there is none. */
  shift(): T | undefined {
    return callNow(this, 'shift', []);
  }

  /** {@link shift} while the event loop goes on. */
  async shiftAsync(options?: CallAsyncOptions): Promise<T | undefined> {
    return callLater(this, 'shift', [], options);
  }

  /** Adds items at the beginning. @returns the new length. */
  unshift(...items: T[]): number {
    return callNow(this, 'unshift', items);
  }

  /** {@link unshift} while the event loop goes on. */
  async unshiftAsync(...items: T[]): Promise<number> {
    return callLater(this, 'unshift', items);
  }

  /** Removes the first item that is the same as this one. @throws ValueError there is none. */
  remove(item: T): void {
    callNow(this, 'remove', [item]);
  }

  /** {@link remove} while the event loop goes on. */
  async removeAsync(item: T, options?: CallAsyncOptions): Promise<void> {
    await callLater(this, 'remove', [item], options);
  }

  /** The index of the first item that is the same, from `start` to before `stop`. @throws ValueError there is none. */
  index(item: T, start?: number, stop?: number): number {
    return callNow(this, 'index', [item, start, stop]);
  }

  /** {@link index} while the event loop goes on. */
  async indexAsync(item: T, start?: number, stop?: number, options?: CallAsyncOptions): Promise<number> {
    return callLater(this, 'index', [item, start, stop], options);
  }

  /** The index of the first item that is the same; -1 if there is none. */
  indexOf(item: T, from?: number): number {
    return callNow(this, 'indexOf', [item, from]);
  }

  /** {@link indexOf} while the event loop goes on. */
  async indexOfAsync(item: T, from?: number, options?: CallAsyncOptions): Promise<number> {
    return callLater(this, 'indexOf', [item, from], options);
  }

  /** Whether an item is in the list. */
  includes(item: T): boolean {
    return callNow(this, 'includes', [item]);
  }

  /** {@link includes} while the event loop goes on. */
  async includesAsync(item: T, options?: CallAsyncOptions): Promise<boolean> {
    return callLater(this, 'includes', [item], options);
  }

  /** How often an item is in the list. */
  count(item: T): number {
    return callNow(this, 'count', [item]);
  }

  /** {@link count} while the event loop goes on. */
  async countAsync(item: T, options?: CallAsyncOptions): Promise<number> {
    return callLater(this, 'count', [item], options);
  }

  /** Turns the list around, in place. */
  reverse(): this {
    callNow(this, 'reverse', []);
    return this;
  }

  /** {@link reverse} while the event loop goes on. */
  async reverseAsync(options?: CallAsyncOptions): Promise<void> {
    await callLater(this, 'reverse', [], options);
  }

  /**
   * Sorts the list in place, in Python's order: numbers by value, strings by their characters, arrays item by item.
   * @param order a function that compares two items, or `{ key, reverse }`; it runs in the server.
   * @throws TypeError two items have no order; the list is as before.
   */
  sort(order?: ((a: T, b: T) => number) | SortOptions<T>): this {
    callNow(this, 'sort', [order]);
    return this;
  }

  /** {@link sort} while the event loop goes on. */
  async sortAsync(order?: ((a: T, b: T) => number) | SortOptions<T>, options?: CallAsyncOptions): Promise<void> {
    await callLater(this, 'sort', [order], options);
  }

  /** Removes and inserts items, as `Array.splice`, in one step. @returns those that were removed. */
  splice(start: number, deleteCount?: number, ...items: T[]): T[] {
    return callNow(this, 'splice', deleteCount === undefined ? [start] : [start, deleteCount, ...items]);
  }

  /** {@link splice} while the event loop goes on. */
  async spliceAsync(start: number, deleteCount?: number, ...items: T[]): Promise<T[]> {
    return callLater(this, 'splice', deleteCount === undefined ? [start] : [start, deleteCount, ...items]);
  }

  /** Removes all items. */
  clear(): void {
    callNow(this, 'clear', []);
  }

  /** {@link clear} while the event loop goes on. */
  async clearAsync(options?: CallAsyncOptions): Promise<void> {
    await callLater(this, 'clear', [], options);
  }

  /** A copy: an array of this thread. */
  copy(): T[] {
    return callNow(this, 'copy', []);
  }

  /** {@link copy} while the event loop goes on. */
  async copyAsync(options?: CallAsyncOptions): Promise<T[]> {
    return callLater(this, 'copy', [], options);
  }
}

registerProxy('list', ListProxy, (reference) => new ListProxy(reference));
