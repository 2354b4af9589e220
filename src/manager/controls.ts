/**
 * What a server can be asked about itself: by managers (gate.ts), by proxies (base-proxy.ts, network-reference.ts,
 * async-object.ts) and by those who iterate (chunks.ts).
 */

import { RemoteError } from '../errors.ts';
import { AS_IT_IS, MARKED, type Sent } from './async-object.ts';
import { type Call, isThenable } from './call.ts';
import { perform, SessionCallbacks } from './callbacks.ts';
import { show } from './exposed.ts';
import type { ObjectTable } from './object-table.ts';
import { abandon, proceed } from './referents/snapshots.ts';
import { type Action, isMarked } from './remote-object.ts';
import type { GuestSession } from './session.ts';

/** What is asked. */
export interface ControlledServer {
  readonly objects: ObjectTable;
  readonly address: readonly [host: string, port: number] | string | null;
  readonly failure: { readonly error: unknown } | null;
  onShutdown(): void;
  track(name: unknown): void;
}

/** Answers; with a promise when that takes a while. */
export function control(server: ControlledServer, call: Call, what: unknown, args: unknown[]): unknown {
  const { objects } = server;
  switch (what) {
    case 'hello':
      if (server.failure !== null) {
        setImmediate(() => server.onShutdown());
        throw server.failure.error;
      }
      return server.address;
    case 'shutdown':
      // After the answer is out.
      setImmediate(() => server.onShutdown());
      return undefined;
    case 'debugInfo':
      return [...objects].map(({ description, referent }) => ({
        id: description.object,
        typeid: description.typeid,
        value: show(referent).slice(0, 75),
      }));
    case 'numberOfObjects':
      objects.sweep();
      return objects.size;
    case 'value':
      return objects.find(args[0] as number).value();
    case 'show':
      return show(objects.find(args[0] as number).referent);
    case 'refer':
      return (call.session as GuestSession).describe(objects.find(args[0] as number).description);
    case 'track':
      return server.track(args[0]);
    case 'remote':
      return act(objects, call, args as [number, Action, string[], Sent[]]);
    case 'more':
      return proceed(call, args[0] as number);
    case 'enough':
      return abandon(call, args[0] as number);
    default:
      throw new RemoteError(`the server does not know how to "${String(what)}"`);
  }
}

/** Does something to an object, or to what it has, as Comlink does. */
function act(
  objects: ObjectTable,
  { session }: Call,
  [object, action, path, sent]: [number, Action, string[], Sent[]],
): unknown {
  const exposed = objects.find(object);
  exposed.checkReach(action, path, session.scope === 'network');
  const args = sent.map(([kind, value]) =>
    kind === MARKED && session.scope === 'process'
      ? SessionCallbacks.of(session as GuestSession).stub(value as number)
      : value,
  );
  const result = perform(exposed.referent, action, path, args);
  const wrap = (value: unknown): Sent =>
    isMarked(value) ? [MARKED, objects.expose('(marked)', value, null)] : [AS_IT_IS, value];
  return isThenable(result) ? Promise.resolve(result).then(wrap) : wrap(result);
}
