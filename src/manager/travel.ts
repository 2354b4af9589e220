/** How proxies travel: what stands for one in a message. */

import { PicklingError } from '../errors.ts';
import type { DumpContext } from '../pickle/reducer.ts';
import type { Address } from '../process/socket-address.ts';
import type { LineEnd } from './pipe-line.ts';
import type { Description, ProxyClass } from './reference.ts';
import type { Token } from './token.ts';

/** Within a family: whoever has the token can call, at the door. */
export interface FamilyState {
  door: LineEnd;
  token: Token;
  typeid: string;
  kind: string;
  exposed: readonly string[];
  proxytype: ProxyClass | null;
}

/** Between a server and another program that is connected to it: which object is meant. */
export interface NetworkState {
  object: number;
  typeid: string;
  kind: string;
  exposed: readonly string[];
}

/** Within a family, for an object of a server of another program: where that is. */
export interface RemoteState extends NetworkState {
  remote: { address: Address; authkey: Uint8Array };
}

export function familyState(
  { typeid, kind, exposed, proxytype }: Description,
  door: LineEnd,
  token: Token,
): FamilyState {
  return { door, token, typeid, kind, exposed, proxytype };
}

/** The other end of a connection between programs, while a message for it or from it is written or read. */
export interface Peer {
  /** What to send for an object of the server, if the peer uses it. @throws PicklingError */
  describe?(description: Description): NetworkState;
  /** The proxy for what has come. @throws PicklingError */
  resolve(state: NetworkState): object;
}

let current: Peer | null = null;

/** Writes or reads a message of a peer. */
export function withPeer<R>(peer: Peer, work: () => R): R {
  const before = current;
  current = peer;
  try {
    return work();
  } finally {
    current = before;
  }
}

export function peerHere(): Peer | null {
  return current;
}

/** The peer that a proxy is being sent to. @throws PicklingError there is none who could use it */
export function peerFor(context: DumpContext, typeid: string): Peer {
  if (current !== null) return current;
  throw new PicklingError(
    `${context.path()}: a proxy (of a ${typeid}) means something only to programs that are connected to its manager`,
  );
}
