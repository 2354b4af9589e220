import { PicklingError, RuntimeError } from '../errors.ts';
import type { DumpContext } from '../pickle/reducer.ts';
import type { Host } from './host.ts';
import { type Description, Reference } from './reference.ts';
import { type FamilyState, familyState, type NetworkState, peerFor } from './travel.ts';

/** What code of the server itself has of an object: its calls do not leave the thread. */
export class LocalReference extends Reference {
  readonly host: Host;

  constructor(description: Description, host: Host) {
    super(description);
    this.host = host;
  }

  call(method: string, args: readonly unknown[], flow: number): unknown {
    const controller = new AbortController();
    const result = this.#call(method, args, flow, controller.signal);
    if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') return result;
    const error = new RuntimeError(
      `${this.description.typeid}.${method}: this code runs in the manager's server, which would wait for itself; ` +
        `use ${method}Async()`,
    );
    controller.abort(error);
    (result as Promise<unknown>).catch(() => {});
    throw error;
  }

  async callAsync(method: string, args: readonly unknown[], flow: number, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    return this.#call(method, args, flow, signal);
  }

  control(what: string, args: readonly unknown[]): unknown {
    return this.host.callHere(0, what, [...args], 0);
  }

  async controlAsync(what: string, args: readonly unknown[]): Promise<unknown> {
    return this.control(what, args);
  }

  release(): void {}

  callbacks(): undefined {
    return undefined;
  }

  isSame(other: Reference): boolean {
    return (
      other instanceof LocalReference &&
      other.host === this.host &&
      other.description.object === this.description.object
    );
  }

  get where(): string {
    return 'this server';
  }

  dump(context: DumpContext): FamilyState | NetworkState {
    const { description, host } = this;
    if (context.scope !== 'network') return familyState(description, host.door, host.tokenOf(description.object));
    const peer = peerFor(context, description.typeid);
    if (peer.describe !== undefined) return peer.describe(description);
    throw new PicklingError(
      `${context.path()}: a proxy of another manager's ${description.typeid} cannot be sent there`,
    );
  }

  #call(method: string, args: readonly unknown[], flow: number, signal?: AbortSignal): unknown {
    return this.host.callHere(this.description.object, method, [...args], flow, signal);
  }
}
