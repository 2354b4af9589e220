/** `proxy.async`: the object of a proxy as Comlink's `Remote<T>`. */

import { PicklingError } from '../errors.ts';
import { refer } from './base-proxy.ts';
import { type Action, isMarked, remoteObject } from './remote-object.ts';

/** In a message, an argument as it is, or the number of a callback; a result as it is, or a proxy of what was marked. */
export const AS_IT_IS = 0;
export const MARKED = 1;

export type Sent = [typeof AS_IT_IS, unknown] | [typeof MARKED, unknown];

const known = new WeakMap<object, object>();

/** The object of a proxy as a `Remote<T>`. */
export function asyncObject(proxy: object): object {
  let made = known.get(proxy);
  if (made === undefined) {
    made = remoteObject({
      act: (action, path, args) => act(proxy, action, path, args),
      release: () => refer(proxy).release(),
    });
    known.set(proxy, made);
  }
  return made;
}

async function act(proxy: object, action: Action, path: readonly string[], args: readonly unknown[]): Promise<unknown> {
  const reference = refer(proxy);
  const sent = args.map((arg): Sent => {
    if (!isMarked(arg)) return [AS_IT_IS, arg];
    const callbacks = reference.callbacks();
    if (callbacks !== undefined) return [MARKED, callbacks.enter(arg)];
    throw new PicklingError('a callback stays in its program: managers of other programs do not call it');
  });
  const { object } = reference.description;
  const [kind, value] = (await reference.controlAsync('remote', [object, action, path, sent])) as Sent;
  return kind === MARKED ? asyncObject(value as object) : value;
}
