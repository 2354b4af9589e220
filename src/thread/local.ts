/**
 * `threading.local()`: one object that has other contents in every thread and greenlet. The object is a proxy; what it
 * stands for is looked up by who asks. It travels by its number, so that a function that captures it finds the same
 * one on the other side, with that thread's contents.
 */

import { currentFlow } from '../memory/flow.ts';
import { ID_COUNTER } from '../memory/layout.ts';
import { localMemory } from '../memory/local-memory.ts';
import { type Reducer, registerIdentity } from '../pickle/reducer.ts';

const numbers = new WeakMap<object, string>();
const proxies = new Map<string, WeakRef<object>>();
let contents = new Map<string, object>();
const contentsOfGreenlets = new WeakMap<object, Map<string, object>>();

/**
 * An object whose properties belong to the thread that sets them; inside a greenlet, to that greenlet.
 *
 * Python: https://docs.python.org/3/library/threading.html#thread-local-data
 */
export function local<T extends object = Record<string, unknown>>(): T {
  const number = `${process.pid}:${Atomics.add(localMemory().i32, ID_COUNTER, 1)}`;
  return localOf(number) as T;
}

/** Another thread runs in this worker: it starts with nothing. */
export function clearLocals(): void {
  contents = new Map();
}

function contentsHere(): Map<string, object> {
  const greenlet = currentFlow()?.owner;
  if (!greenlet) return contents;
  let own = contentsOfGreenlets.get(greenlet);
  if (own === undefined) {
    own = new Map();
    contentsOfGreenlets.set(greenlet, own);
  }
  return own;
}

function localOf(number: string): object {
  const known = proxies.get(number)?.deref();
  if (known !== undefined) return known;
  const own = (): object => {
    const home = contentsHere();
    let object = home.get(number);
    if (object === undefined) {
      object = {};
      home.set(number, object);
    }
    return object;
  };
  const proxy = new Proxy(
    {},
    {
      get: (_, key) => Reflect.get(own(), key),
      set: (_, key, value) => Reflect.set(own(), key, value),
      has: (_, key) => Reflect.has(own(), key),
      deleteProperty: (_, key) => Reflect.deleteProperty(own(), key),
      ownKeys: () => Reflect.ownKeys(own()),
      getOwnPropertyDescriptor: (_, key) => {
        const descriptor = Reflect.getOwnPropertyDescriptor(own(), key);
        return descriptor && { ...descriptor, configurable: true };
      },
      defineProperty: (_, key, descriptor) => Reflect.defineProperty(own(), key, { ...descriptor, configurable: true }),
    },
  );
  numbers.set(proxy, number);
  proxies.set(number, new WeakRef(proxy));
  return proxy;
}

const reducer: Reducer<object> = {
  tag: 'threading.local',
  dump: (proxy) => numbers.get(proxy),
  load: (number: string) => localOf(number),
};
registerIdentity((object) => (numbers.has(object) ? reducer : undefined), reducer);
