/**
 * Comlink's `Remote<T>`: an object elsewhere whose properties are promises, whose methods return promises, and which
 * takes callbacks that were marked with Comlink's `proxy()`. See https://github.com/GoogleChromeLabs/comlink
 *
 * The program may have Comlink twice, as an ES module and as a CommonJS one, with symbols of their own: they are known
 * by what they say.
 */

import { RuntimeError } from '../errors.ts';

/** What is done to something at the end of a path of names. */
export type Action = 'get' | 'set' | 'apply' | 'construct';

/** How it is done. */
export interface Remote {
  act(action: Action, path: readonly string[], args: readonly unknown[]): Promise<unknown>;
  release(): void;
}

const MARK = 'Comlink.proxy';
const RELEASE = 'Comlink.releaseProxy';
const ENDPOINT = 'Comlink.endpoint';

/** Whether a value was marked with Comlink's `proxy()`: it stays where it is, and is called there. */
export function isMarked(value: unknown): value is object {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return Object.getOwnPropertySymbols(value).some(
    (symbol) => symbol.description === MARK && (value as Record<symbol, unknown>)[symbol] === true,
  );
}

/** What a Proxy can be both called and constructed for. */
function constructible(): void {}

/** Makes the object. */
export function remoteObject(remote: Remote): object {
  let released = false;
  const checked = async (action: Action, path: readonly string[], args: readonly unknown[]): Promise<unknown> => {
    if (released) throw new RuntimeError('Proxy has been released and is not useable');
    return remote.act(action, path, args);
  };
  const at = (path: readonly string[]): object => {
    const proxy: object = new Proxy(constructible, {
      get(_target, key) {
        if (typeof key === 'symbol') {
          if (key.description !== RELEASE) return undefined;
          return () => {
            released = true;
            remote.release();
          };
        }
        if (key !== 'then') return at([...path, key]);
        // Awaiting the object gives the object.
        // biome-ignore lint/suspicious/noThenProperty: that takes a `then`
        if (path.length === 0) return { then: () => proxy };
        const value = checked('get', path, []);
        return value.then.bind(value);
      },
      set(_target, key, value) {
        // An assignment cannot be awaited, and who makes it has no use for a rejection that nobody handles.
        void checked('set', [...path, String(key)], [value]).catch(() => {});
        return true;
      },
      apply(_target, _this, args) {
        const last = path.at(-1);
        if (last === 'bind') return at(path.slice(0, -1));
        if (last === ENDPOINT) throw new RuntimeError('a manager has no endpoints of Comlink; send the proxy instead');
        return checked('apply', path, args);
      },
      construct: (_target, args) => checked('construct', path, args),
    });
    return proxy;
  };
  return at([]);
}
