import { KeyError } from '../../errors.ts';
import { describe } from '../../sync/timeout.ts';
import type { Methods } from '../call.ts';
import { begin } from './snapshots.ts';

type Dict = Map<unknown, unknown>;

/** What can be made into entries: a Map, pairs, or the properties of an object. @throws TypeError */
export function entriesOf(source: unknown, who: string): Iterable<[unknown, unknown]> {
  if (source === undefined || source === null) return [];
  if (typeof source !== 'object')
    throw new TypeError(`${who}: needs a Map, pairs or an object, not ${describe(source)}`);
  if (!(Symbol.iterator in source)) return Object.entries(source);
  const pairs = [...(source as Iterable<unknown>)];
  for (const pair of pairs) {
    if (Array.isArray(pair) && pair.length === 2) continue;
    throw new TypeError(`${who}: needs pairs [key, value], not ${describe(pair)}`);
  }
  return pairs as [unknown, unknown][];
}

export const dictMethods: Methods<Dict> = {
  get: (dict, _call, key, fallback?: unknown) => {
    const value = dict.get(key);
    return value === undefined && !dict.has(key) ? fallback : value;
  },
  set: (dict, _call, key, value) => void dict.set(key, value),
  has: (dict, _call, key) => dict.has(key),
  delete: (dict, _call, key) => dict.delete(key),
  clear: (dict) => dict.clear(),
  size: (dict) => dict.size,
  pop(dict, _call, ...args: unknown[]) {
    const [key, fallback] = args;
    if (dict.has(key)) {
      const value = dict.get(key);
      dict.delete(key);
      return value;
    }
    if (args.length > 1) return fallback;
    throw new KeyError(`DictProxy.pop: there is no key ${describe(key)}`);
  },
  popitem(dict) {
    const entry = [...dict].at(-1);
    if (entry === undefined) throw new KeyError('DictProxy.popitem: the dictionary is empty');
    dict.delete(entry[0]);
    return entry;
  },
  setdefault(dict, _call, key, fallback?: unknown) {
    if (!dict.has(key)) dict.set(key, fallback);
    return dict.get(key);
  },
  update(dict, _call, source) {
    for (const [key, value] of entriesOf(source, 'DictProxy.update')) dict.set(key, value);
  },
  copy: (dict) => new Map(dict),
  keys: (dict, call) => begin(call, [...dict.keys()]),
  values: (dict, call) => begin(call, [...dict.values()]),
  entries: (dict, call) => begin(call, [...dict]),
};
