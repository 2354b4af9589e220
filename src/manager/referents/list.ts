import { IndexError, ValueError } from '../../errors.ts';
import { describe } from '../../sync/timeout.ts';
import type { Methods } from '../call.ts';
import { isSame } from './same.ts';
import { begin } from './snapshots.ts';

type List = unknown[];

function isIndex(index: unknown): index is number {
  return typeof index === 'number' && Number.isInteger(index);
}

/** The index that a number means in Python: below 0, it counts from the end. @throws TypeError */
function position(list: List, index: unknown, who: string): number {
  if (!isIndex(index)) throw new TypeError(`ListProxy.${who}: an index must be an integer, not ${describe(index)}`);
  return index < 0 ? index + list.length : index;
}

function iterableOf(items: unknown, who: string): Iterable<unknown> {
  if (typeof items === 'string' || (typeof items === 'object' && items !== null && Symbol.iterator in items)) {
    return items as Iterable<unknown>;
  }
  throw new TypeError(`${who}: needs something to iterate over, not ${describe(items)}`);
}

export function listFrom(items: unknown): List {
  return items === undefined || items === null ? [] : [...iterableOf(items, 'Manager.list')];
}

export const listMethods: Methods<List> = {
  get: (list, _call, index) => (isIndex(index) ? list[index] : undefined),
  at: (list, _call, index) => list.at(index as number),
  set(list, _call, index, value) {
    if (!isIndex(index) || index < 0 || index > list.length) {
      throw new IndexError(
        `ListProxy: index ${describe(index)} is out of range: the list has ${list.length} items; append() adds one`,
      );
    }
    list[index] = value;
  },
  length: (list) => list.length,
  append: (list, _call, item) => void list.push(item),
  push: (list, _call, ...items) => list.push(...items),
  extend(list, _call, items) {
    for (const item of [...iterableOf(items, 'ListProxy.extend')]) list.push(item);
  },
  insert(list, _call, index, item) {
    list.splice(Math.max(position(list, index, 'insert'), 0), 0, item);
  },
  pop(list, _call, index: unknown = -1) {
    const at = position(list, index, 'pop');
    if (at < 0 || at >= list.length) {
      throw new IndexError(
        list.length === 0
          ? 'ListProxy.pop: the list is empty'
          : `ListProxy.pop: index ${describe(index)} is out of range: the list has ${list.length} items`,
      );
    }
    return list.splice(at, 1)[0];
  },
  shift: (list) => list.shift(),
  unshift: (list, _call, ...items) => list.unshift(...items),
  remove(list, _call, item) {
    const at = list.findIndex((each) => isSame(each, item));
    if (at === -1) throw new ValueError(`ListProxy.remove: ${describe(item)} is not in the list`);
    list.splice(at, 1);
  },
  index(list, _call, item, start: unknown = 0, stop: unknown = list.length) {
    const from = Math.max(position(list, start, 'index'), 0);
    const to = Math.min(position(list, stop, 'index'), list.length);
    for (let i = from; i < to; i++) if (isSame(list[i], item)) return i;
    throw new ValueError(`ListProxy.index: ${describe(item)} is not in the list`);
  },
  indexOf: (list, _call, item, from = 0) => list.findIndex((each, i) => i >= from && isSame(each, item)),
  includes: (list, _call, item) => list.some((each) => isSame(each, item)),
  count: (list, _call, item) => list.filter((each) => isSame(each, item)).length,
  reverse: (list) => void list.reverse(),
  sort: (list, call, order) => sort(list, order, call.session.scope === 'network'),
  slice: (list, _call, start, end) => list.slice(start, end),
  splice: (list, _call, ...args) => (list.splice as (...args: unknown[]) => unknown)(...args),
  clear(list) {
    list.length = 0;
  },
  copy: (list) => [...list],
  values: (list, call) => begin(call, [...list]),
};

/** How a list is sorted: a function that compares two items, or `{ key, reverse }`. */
function sort(list: List, order: unknown, isForeign: boolean): void {
  const {
    key,
    reverse = false,
    compare,
  } = (typeof order === 'function' ? { compare: order } : (order ?? {})) as {
    key?: (item: unknown) => unknown;
    reverse?: boolean;
    compare?: (a: unknown, b: unknown) => number;
  };
  for (const given of [key, compare]) {
    if (given === undefined || (typeof given === 'function' && !isForeign)) continue;
    throw new TypeError(`ListProxy.sort: the order must be given by a function, not ${describe(given)}`);
  }
  const keyed = list.map((item) => ({ item, key: key === undefined ? item : key(item) }));
  if (compare !== undefined) keyed.sort((a, b) => compare(a.item, b.item));
  else keyed.sort((a, b) => natural(a.key, b.key));
  if (reverse) keyed.reverse();
  keyed.forEach(({ item }, i) => {
    list[i] = item;
  });
}

/** Python's order of what has one, not that of the items' texts: 9 comes before 10. */
function natural(first: unknown, second: unknown): number {
  if (Array.isArray(first) && Array.isArray(second)) {
    for (let i = 0; i < Math.min(first.length, second.length); i++) {
      const order = natural(first[i], second[i]);
      if (order !== 0) return order;
    }
    return first.length - second.length;
  }
  const a = first as number;
  const b = second as number;
  const comparable = isNumber(first) ? isNumber(second) : typeof first === typeof second;
  if (!comparable || Array.isArray(first) || Array.isArray(second)) {
    throw new TypeError(
      `ListProxy.sort: ${describe(first)} and ${describe(second)} have no order; give a key function`,
    );
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Date;
}
