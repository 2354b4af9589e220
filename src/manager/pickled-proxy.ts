/** What arrives in place of a proxy, and how it becomes one again. */

import { PicklingError } from '../errors.ts';
import { registerIdentity } from '../pickle/index.ts';
import { readsFromNetwork } from '../pickle/network-decoder.ts';
import type { Reducer } from '../pickle/reducer.ts';
// Each enters its proxies: any of them may arrive.
import './array-proxy.ts';
import './auto-proxy.ts';
import './dict-proxy.ts';
import './event-proxy.ts';
import './list-proxy.ts';
import './lock-proxy.ts';
import './namespace-proxy.ts';
import './pool-proxy.ts';
import './queue-proxy.ts';
import './value-proxy.ts';
import { FamilyReference } from './family-reference.ts';
import { hosts } from './host.ts';
import { type Holding, peerAt } from './network-caller.ts';
import { NetworkReference } from './network-reference.ts';
import { proxyFor, referenceOf } from './proxies.ts';
import type { Reference } from './reference.ts';
import { type FamilyState, type NetworkState, peerHere, type RemoteState } from './travel.ts';

const reducer: Reducer<object> = {
  tag: 'multiprocessing.managers.Proxy',
  network: true,
  whole: true,
  dump: (proxy, context) => (referenceOf(proxy) as Reference).dump(context),
  load(state: unknown): object {
    if (readsFromNetwork()) {
      // What another program sends may look like anything.
      const peer = peerHere();
      if (peer !== null) return peer.resolve(checked(state));
      throw new PicklingError('a proxy means something only between a manager and who is connected to it');
    }
    if ((state as Partial<RemoteState>).remote !== undefined) return loadRemote(state as RemoteState);
    return loadInFamily(state as FamilyState);
  },
};

registerIdentity((o) => (referenceOf(o) === undefined ? undefined : reducer), reducer);

function loadInFamily({ door, token, typeid, kind, exposed, proxytype }: FamilyState): object {
  const host = hosts.get(door.place.base);
  if (host !== undefined) return host.proxyOf(token.object);
  let proxy = token.proxy?.deref();
  if (proxy === undefined) {
    proxy = proxyFor(new FamilyReference({ object: token.object, typeid, kind, exposed, proxytype }, door, token));
    token.proxy = new WeakRef(proxy);
  }
  return proxy;
}

/** The server counts this thread's reference at its first call. */
function loadRemote({ remote: { address, authkey }, object, typeid, kind, exposed }: RemoteState): object {
  const peer = peerAt(address, authkey);
  const known = peer.known(object);
  if (known !== undefined) return known;
  const holding: Holding = { peer, object, count: 0 };
  return peer.enter(new NetworkReference({ object, typeid, kind, exposed, proxytype: null }, peer, holding), holding);
}

function checked(state: unknown): NetworkState {
  const { object, typeid, kind, exposed } = (state ?? {}) as NetworkState;
  const isProxy =
    Number.isInteger(object) &&
    typeof typeid === 'string' &&
    typeof kind === 'string' &&
    Array.isArray(exposed) &&
    exposed.every((name) => typeof name === 'string');
  if (!isProxy) throw new PicklingError('it holds a proxy that is none');
  return { object, typeid, kind, exposed };
}
