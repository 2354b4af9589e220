/**
 * The server of a manager: the objects, and those that use them. One thread does it all and never blocks for anybody:
 * what has to wait (`lock.acquire()`, `queue.get()`) is a promise here, and each session is served in its turn.
 */

import { EOFError, RemoteError } from '../errors.ts';
import { removeBlockNamed, TRACKS_BLOCKS } from './block-names.ts';
import { Call, isThenable, Made, type Session } from './call.ts';
import { type ControlledServer, control } from './controls.ts';
import type { Exposed } from './exposed.ts';
import type { Frame } from './frame.ts';
import { type Host, hosts } from './host.ts';
import { builtinTypes, setReferentOf } from './kinds.ts';
import { LocalReference } from './local-reference.ts';
import { ObjectTable } from './object-table.ts';
import { type LineEnd, newLine, PipeLine } from './pipe-line.ts';
import { referenceOf } from './proxies.ts';
import { construct, type Registry } from './registry.ts';
import { GuestSession, type ServedBy } from './session.ts';
import type { Token } from './token.ts';

export class Server implements Host, ServedBy, ControlledServer {
  /** Where threads of the family come to be connected. */
  readonly door: LineEnd;
  /** Called when somebody has asked the server to end. */
  onShutdown: () => void = () => {};
  /** Where other programs come to be connected; null: nowhere. */
  address: readonly [host: string, port: number] | string | null = null;
  /** Why it could not begin: who says hello is told. */
  failure: { readonly error: unknown } | null = null;
  readonly objects = new ObjectTable(this);
  readonly #ownDoor: LineEnd;
  readonly #registry: Registry;
  readonly #guests = new Set<GuestSession>();
  /** The server's own code, which uses the objects as well. */
  readonly #home: Session = { label: 'the server', scope: 'server', locks: new Set(), snapshots: new Map() };
  /** Blocks of shared memory that go with the server. */
  readonly #blocks = new Set<string>();
  #stopWaiting: () => void = () => {};
  #open = true;
  /** Called when it has stopped. */
  readonly #ending: (() => void)[] = [];

  /** `door`: both ends of a line, of which others have got the first. */
  constructor(registry: Registry, door: [theirs: LineEnd, own: LineEnd] = newLine()) {
    this.#registry = registry;
    [this.door, this.#ownDoor] = door;
    hosts.set(this.door.place.base, this);
  }

  /** Whether it serves. */
  get open(): boolean {
    return this.#open;
  }

  /** Lets threads of the family in, from now on. */
  listen(): void {
    const entrance = new PipeLine(this.#ownDoor);
    const admit = (): void => {
      if (!this.#open) return;
      try {
        for (let frame = entrance.takeNow(); frame !== null; frame = entrance.takeNow()) this.#admit(frame);
      } catch (error) {
        if (!(error instanceof EOFError)) throw error;
      }
      this.#stopWaiting = entrance.whenReady(admit, true);
    };
    admit();
  }

  /** Serves a session, from now on. */
  enter(session: GuestSession): void {
    this.#guests.add(session);
    session.serve();
  }

  /** Ends it: every session is closed, and nobody is let in any more. */
  stop(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#stopWaiting();
    for (const guest of [...this.#guests]) guest.close();
    this.objects.close();
    for (const name of this.#blocks) removeBlockNamed(name);
    this.#blocks.clear();
    hosts.delete(this.door.place.base);
    for (const step of this.#ending.splice(0)) step();
  }

  /** Has `step` run when it has stopped. */
  whenStopped(step: () => void): void {
    this.#ending.push(step);
  }

  /** A session has ended: its calls are given up, its references dropped. */
  leave(session: GuestSession): void {
    this.#guests.delete(session);
    for (const [object, count] of session.references) this.objects.release(object, count);
    session.references.clear();
    this.objects.sweepSoon();
  }

  /** Makes an object; a promise when that takes a while. */
  create(call: Call, typeid: unknown, args: unknown[]): unknown {
    const entry = this.#registry.get(typeid as string);
    if (entry === undefined) {
      throw new RemoteError(
        `no type "${String(typeid)}" is registered with the server; there are: ${[...this.#registry.keys()].join(', ')}`,
      );
    }
    if (entry.builtin !== null) {
      return this.objects.expose(typeid as string, builtinTypes[entry.builtin].make(call, ...args), entry);
    }
    if (entry.callable === null) {
      throw new RemoteError(`the type "${typeid}" was registered without a callable that could make an object`);
    }
    const referent = construct(entry.callable, args);
    if (!isThenable(referent)) return this.objects.expose(typeid as string, referent, entry);
    return Promise.resolve(referent).then((made) => this.objects.expose(typeid as string, made, entry));
  }

  /** Calls a method of an object; a promise when that takes a while. */
  invoke(call: Call, object: number, method: string, args: unknown[]): unknown {
    const exposed = this.objects.find(object);
    const result = exposed.invoke(call, method, args);
    const typeid = exposed.resultType(method);
    if (typeid === undefined) return result;
    const keep = (value: unknown): unknown => this.objects.expose(typeid, value, this.#registry.get(typeid) ?? null);
    return isThenable(result) ? Promise.resolve(result).then(keep) : keep(result);
  }

  /** Does what is asked of the server itself. */
  control(call: Call, what: unknown, args: unknown[]): unknown {
    return control(this, call, what, args);
  }

  /** @throws RemoteError it is gone */
  find(object: number): Exposed {
    return this.objects.find(object);
  }

  tokenOf(object: number): Token {
    return this.objects.find(object).token;
  }

  /** Removes a block of shared memory when the server ends. @throws RemoteError it is not for that */
  track(name: unknown): void {
    if (!this.#registry.has(TRACKS_BLOCKS) || typeof name !== 'string') {
      throw new RemoteError('this server does not look after blocks of shared memory; use a SharedMemoryManager');
    }
    this.#blocks.add(name);
  }

  /** Calls a method for code of the server itself. */
  callHere(object: number, method: string, args: unknown[], flow: number, signal?: AbortSignal): unknown {
    const call = new Call(this.#home, flow);
    const onAbort = (): void => call.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const result = object === 0 ? this.control(call, method, args) : this.invoke(call, object, method, args);
    if (result instanceof Made) return this.proxyOf(result.object);
    if (!isThenable(result)) return result;
    return Promise.resolve(result).finally(() => signal?.removeEventListener('abort', onAbort));
  }

  /** The proxy that code of the server itself has of an object. */
  proxyOf(object: number): object {
    return this.objects.proxyOf(object);
  }

  #admit(frame: Frame): void {
    const { end, label } = frame.value() as { end: LineEnd; label: string };
    this.enter(new GuestSession(this, new PipeLine(end), label));
  }
}

setReferentOf((proxy) => {
  const reference = referenceOf(proxy);
  return reference instanceof LocalReference ? reference.host.find(reference.description.object).referent : undefined;
});
