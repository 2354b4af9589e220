import { AttributeError } from '../../errors.ts';
import { describe } from '../../sync/timeout.ts';
import { listed, type Methods } from '../call.ts';

/**
 * Attributes, and nothing else: what a manager's `Namespace()` makes, and `Namespace` of
 * `threadwork/multiprocessing/managers` for a type of your own.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.Namespace
 */
export class Namespace {
  [name: string]: unknown;

  /** @param attributes the attributes at first. */
  constructor(attributes: object = {}) {
    for (const [name, value] of Object.entries(attributes)) define(this, name, value);
  }
}

/** Another program may give any name, `__proto__` as well: that is an attribute like the others. */
function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

function check(name: unknown): asserts name is string {
  if (typeof name !== 'string') throw new TypeError(`Namespace: a name must be a string, not ${describe(name)}`);
}

export const namespaceMethods: Methods<object> = {
  get(object, _call, name) {
    check(name);
    return Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
  },
  set(object, _call, name, value) {
    check(name);
    define(object, name, value);
  },
  has(object, _call, name) {
    check(name);
    return Object.hasOwn(object, name);
  },
  delete(object, _call, name) {
    check(name);
    if (!Object.hasOwn(object, name)) {
      throw new AttributeError(`Namespace: there is no "${name}" to delete; there are: ${listed(Object.keys(object))}`);
    }
    delete (object as Record<string, unknown>)[name];
  },
  keys: (object) => Object.keys(object),
};
