/** The connections of this thread to servers of other programs: one for each address and key, made when it is needed. */

import { interruptible, outsideFlows } from '../memory/flow.ts';
import { Client, ClientAsync } from '../process/client.ts';
import type { Address } from '../process/socket-address.ts';
import type { Connection } from '../queue/connection.ts';
import { whenThreadEnds } from '../thread/shutdown.ts';
import { Caller } from './caller.ts';
import type { Gate } from './gate.ts';
import { NetworkReference } from './network-reference.ts';
import { proxyFor } from './proxies.ts';
import { SocketLine } from './socket-line.ts';
import type { NetworkState, Peer } from './travel.ts';

/** A server somewhere else, as this thread is connected to it. */
export class NetworkPeer implements Peer {
  readonly address: Address;
  readonly authkey: Uint8Array;
  readonly #key: string;
  #caller: Caller | null = null;
  #opening: Promise<Caller> | null = null;
  /** What has come from there. */
  readonly #proxies = new Map<number, { proxy: WeakRef<object>; holding: Holding }>();

  constructor(address: Address, authkey: Uint8Array, key: string) {
    this.address = address;
    this.authkey = authkey;
    this.#key = key;
  }

  /** This thread's calls; connects, blocking, if need be. @throws AuthenticationError, ConnectionRefusedError, … */
  caller(): Caller {
    return this.#caller ?? this.#opened(Client({ address: this.address, authkey: this.authkey }));
  }

  /** The same while the event loop goes on. */
  async callerAsync(): Promise<Caller> {
    if (this.#caller !== null) return this.#caller;
    // Others may wait for it as well: it goes on when the flow that has begun it is interrupted.
    this.#opening ??= outsideFlows(() => ClientAsync({ address: this.address, authkey: this.authkey }))
      .then((connection) => {
        if (this.#caller === null) return this.#opened(connection);
        connection.close(); // a blocking call was faster
        return this.#caller;
      })
      .finally(() => {
        this.#opening = null;
      });
    return interruptible(this.#opening);
  }

  /** The proxy for what has come; each time it comes, the server counts another reference. */
  resolve(state: NetworkState): object {
    const known = this.#proxies.get(state.object);
    const proxy = known?.proxy.deref();
    if (known !== undefined && proxy !== undefined) {
      known.holding.count++;
      return proxy;
    }
    const holding: Holding = { peer: this, object: state.object, count: 1 };
    const reference = new NetworkReference({ ...state, proxytype: null }, this, holding);
    return this.enter(reference, holding);
  }

  /** @internal Makes the proxy of a reference, and gives the reference back when the proxy is collected. */
  enter(reference: NetworkReference, holding: Holding): object {
    const proxy = proxyFor(reference);
    this.#proxies.set(holding.object, { proxy: new WeakRef(proxy), holding });
    abandoned.register(proxy, holding, holding);
    return proxy;
  }

  /** @internal The proxy that is here already. */
  known(object: number): object | undefined {
    return this.#proxies.get(object)?.proxy.deref();
  }

  /** @internal References are given back. */
  giveBack(holding: Holding): void {
    abandoned.unregister(holding);
    if (this.#proxies.get(holding.object)?.holding === holding) this.#proxies.delete(holding.object);
    if (holding.count > 0) this.#caller?.release(holding.object, holding.count);
    holding.count = 0;
  }

  close(why?: string): void {
    this.#caller?.close(why);
  }

  /** Notices that its server has ended, if it has: another one may be at the address by now. */
  attend(): void {
    this.#caller?.attend();
  }

  #opened(connection: Connection): Caller {
    const line = new SocketLine(connection);
    line.peer = this;
    const caller = new Caller(line, 'the manager', () => {
      if (this.#caller !== caller) return;
      this.#caller = null;
      connected.delete(this);
      // The server has dropped them with the connection: over another one, it has to be asked for them again.
      for (const { holding } of this.#proxies.values()) holding.count = 0;
      if (peers.get(this.#key) === this) peers.delete(this.#key);
    });
    this.#caller = caller;
    connected.add(this);
    return caller;
  }
}

/** How many references to an object the server counts for this connection. */
export interface Holding {
  readonly peer: NetworkPeer;
  readonly object: number;
  count: number;
}

const peers = new Map<string, NetworkPeer>();
/** Also those that proxies have connected again after their server had ended. */
const connected = new Set<NetworkPeer>();
const abandoned = new FinalizationRegistry<Holding>((holding) => holding.peer.giveBack(holding));

whenThreadEnds(() => {
  for (const peer of [...connected]) peer.close('its thread has ended');
});

/** The server at an address. */
export function peerAt(address: Address, authkey: Uint8Array): NetworkPeer {
  const key = JSON.stringify([address, Buffer.from(authkey).toString('hex')]);
  peers.get(key)?.attend();
  let peer = peers.get(key);
  if (peer === undefined) {
    peer = new NetworkPeer(address, authkey, key);
    peers.set(key, peer);
  }
  return peer;
}

/** The gate of a server of another program; `openAsync` connects without blocking. */
export function networkGate(address: Address, authkey: Uint8Array): Gate & { openAsync(): Promise<unknown> } {
  let first: NetworkPeer | null = null;
  const peer = (): NetworkPeer => {
    first ??= peerAt(address, authkey);
    return first;
  };
  const gate = (): Caller => peer().caller();
  return Object.assign(gate, { openAsync: () => peer().callerAsync() });
}
