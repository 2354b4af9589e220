import { PicklingError, ValueError } from '../errors.ts';
import type { DumpContext } from '../pickle/reducer.ts';
import type { Caller } from './caller.ts';
import { CALL, CONTROL } from './frame.ts';
import type { Holding, NetworkPeer } from './network-caller.ts';
import { type Description, Reference } from './reference.ts';
import { type NetworkState, peerHere, type RemoteState } from './travel.ts';

/** What a thread has of an object whose server is another program's. */
export class NetworkReference extends Reference {
  readonly #peer: NetworkPeer;
  readonly #holding: Holding;
  #released = false;

  /** `holding`: a count of 0 stands for a reference that the server has still to be asked for. */
  constructor(description: Description, peer: NetworkPeer, holding: Holding) {
    super(description);
    this.#peer = peer;
    this.#holding = holding;
  }

  call(method: string, args: readonly unknown[], flow: number): unknown {
    const { object, typeid } = this.description;
    return this.#caller(method).call(CALL, object, flow, [method, args], `${typeid}.${method}`);
  }

  async callAsync(method: string, args: readonly unknown[], flow: number, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    const { object, typeid } = this.description;
    const caller = await this.#callerAsync(method);
    return caller.callAsync(CALL, object, flow, [method, args], `${typeid}.${method}`, signal);
  }

  control(what: string, args: readonly unknown[]): unknown {
    return this.#caller(what).call(CONTROL, 0, 0, [what, args], what);
  }

  async controlAsync(what: string, args: readonly unknown[]): Promise<unknown> {
    return (await this.#callerAsync(what)).callAsync(CONTROL, 0, 0, [what, args], what);
  }

  release(): void {
    this.#released = true;
    this.#peer.giveBack(this.#holding);
  }

  callbacks(): undefined {
    return undefined;
  }

  isSame(other: Reference): boolean {
    return (
      other instanceof NetworkReference &&
      other.#peer === this.#peer &&
      other.description.object === this.description.object
    );
  }

  get where(): string {
    return 'another program';
  }

  dump(context: DumpContext): NetworkState | RemoteState {
    if (this.#released) throw new PicklingError(`${context.path()}: the proxy was released; send it before`);
    const { object, typeid, kind, exposed } = this.description;
    const { address, authkey } = this.#peer;
    if (context.scope !== 'network') return { remote: { address, authkey }, object, typeid, kind, exposed };
    if (peerHere() === this.#peer) return { object, typeid, kind, exposed };
    throw new PicklingError(
      `${context.path()}: a proxy (of a ${typeid}) can be sent to its own manager only, not to another program`,
    );
  }

  #caller(method: string): Caller {
    this.#checkOpen(method);
    const caller = this.#peer.caller();
    if (this.#holding.count === 0) {
      caller.call(CONTROL, 0, 0, ['refer', [this.description.object]], this.description.typeid);
      this.#holding.count = 1;
    }
    return caller;
  }

  async #callerAsync(method: string): Promise<Caller> {
    this.#checkOpen(method);
    const caller = await this.#peer.callerAsync();
    if (this.#holding.count === 0) {
      this.#holding.count = 1;
      await caller.callAsync(CONTROL, 0, 0, ['refer', [this.description.object]], this.description.typeid);
    }
    return caller;
  }

  #checkOpen(method: string): void {
    if (!this.#released) return;
    throw new ValueError(`${this.description.typeid}.${method}: the proxy was released, and cannot be used any more`);
  }
}
