/**
 * The server of a manager: the objects, and those that use them. One thread does it all and never blocks for anybody:
 * what has to wait (`lock.acquire()`, `queue.get()`) is a promise here, and each session is served in its turn.
 */

import { inspect } from 'node:util';
import { EOFError, RemoteError } from '../errors.ts';
import { AS_IT_IS, MARKED, type Sent } from './async-object.ts';
import { removeBlockNamed, TRACKS_BLOCKS } from './block-names.ts';
import { Call, isThenable, Made, type Session } from './call.ts';
import { perform, SessionCallbacks } from './callbacks.ts';
import { Exposed } from './exposed.ts';
import type { Frame } from './frame.ts';
import { type Host, hosts } from './host.ts';
import { builtinTypes, kinds, setReferentOf } from './kinds.ts';
import { LocalReference } from './local-reference.ts';
import { type LineEnd, newLine, PipeLine } from './pipe-line.ts';
import { enterProxy, proxyFor, referenceOf } from './proxies.ts';
import { abandon, proceed } from './referents/snapshots.ts';
import { AUTO, construct, type Registry, type TypeEntry } from './registry.ts';
import { type Action, isMarked } from './remote-object.ts';
import { GuestSession } from './session.ts';
import type { Token } from './token.ts';

/** How often is looked for objects that nobody has any more, unless somebody says that there may be some. */
const SWEEP_MILLISECONDS = 1000;

/** What a server can be asked about itself. */
const CONTROLS = new Set([
  'hello',
  'shutdown',
  'debugInfo',
  'numberOfObjects',
  'value',
  'show',
  'refer',
  'track',
  'remote',
  'more',
  'enough',
]);

export class Server implements Host {
  /** Where threads of the family come to be connected. */
  readonly door: LineEnd;
  /** Called when somebody has asked the server to end. */
  onShutdown: () => void = () => {};
  /** Where other programs come to be connected; null: nowhere. */
  address: readonly [host: string, port: number] | string | null = null;
  /** Why it could not begin: who says hello is told. */
  failure: { readonly error: unknown } | null = null;
  readonly #ownDoor: LineEnd;
  readonly #registry: Registry;
  readonly #objects = new Map<number, Exposed>();
  readonly #guests = new Set<GuestSession>();
  /** The server's own code, which uses the objects as well. */
  readonly #home: Session = { label: 'the server', scope: 'server', locks: new Set(), snapshots: new Map() };
  /** Blocks of shared memory that go with the server. */
  readonly #blocks = new Set<string>();
  #lastObject = 0;
  #stopWaiting: () => void = () => {};
  #sweeper: NodeJS.Timeout | null = null;
  #sweepDue = false;
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
    if (this.#sweeper !== null) clearInterval(this.#sweeper);
    for (const guest of [...this.#guests]) guest.close();
    for (const exposed of this.#objects.values()) exposed.drop();
    this.#objects.clear();
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
    for (const [object, count] of session.references) this.release(object, count);
    session.references.clear();
    this.sweepSoon();
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
      return this.#expose(typeid as string, builtinTypes[entry.builtin].make(call, ...args), entry);
    }
    if (entry.callable === null) {
      throw new RemoteError(`the type "${typeid}" was registered without a callable that could make an object`);
    }
    const referent = construct(entry.callable, args);
    if (!isThenable(referent)) return this.#expose(typeid as string, referent, entry);
    return Promise.resolve(referent).then((made) => this.#expose(typeid as string, made, entry));
  }

  /** Calls a method of an object; a promise when that takes a while. */
  invoke(call: Call, object: number, method: string, args: unknown[]): unknown {
    const exposed = this.find(object);
    const result = exposed.invoke(call, method, args);
    const typeid = exposed.resultType(method);
    if (typeid === undefined) return result;
    const keep = (value: unknown): unknown => this.#expose(typeid, value, this.#registry.get(typeid) ?? null);
    return isThenable(result) ? Promise.resolve(result).then(keep) : keep(result);
  }

  /** Does what is asked of the server itself. */
  control(call: Call, what: unknown, args: unknown[]): unknown {
    switch (CONTROLS.has(what as string) ? what : '') {
      case 'hello':
        if (this.failure !== null) {
          setImmediate(() => this.onShutdown());
          throw this.failure.error;
        }
        return this.address;
      case 'shutdown':
        // After the answer is out.
        setImmediate(() => this.onShutdown());
        return undefined;
      case 'debugInfo':
        return [...this.#objects.values()].map(({ description, referent }) => ({
          id: description.object,
          typeid: description.typeid,
          value: show(referent).slice(0, 75),
        }));
      case 'numberOfObjects':
        this.sweep();
        return this.#objects.size;
      case 'value':
        return this.find(args[0] as number).value();
      case 'show':
        return show(this.find(args[0] as number).referent);
      case 'refer':
        return (call.session as GuestSession).describe(this.find(args[0] as number).description);
      case 'track':
        return this.#track(args[0]);
      case 'remote':
        return this.#remote(call, args as [number, Action, string[], Sent[]]);
      case 'more':
        return proceed(call, args[0] as number);
      case 'enough':
        return abandon(call, args[0] as number);
      default:
        throw new RemoteError(`the server does not know how to "${String(what)}"`);
    }
  }

  /** @throws RemoteError it is gone */
  find(object: number): Exposed {
    const exposed = this.#objects.get(object);
    if (exposed !== undefined) return exposed;
    throw new RemoteError(`the server has no object ${object} any more: every proxy of it was released`);
  }

  /** References of other programs are given back. */
  release(object: number, count: number): void {
    const exposed = this.#objects.get(object);
    if (exposed === undefined) return;
    exposed.foreign = Math.max(0, exposed.foreign - count);
    this.sweepSoon();
  }

  tokenOf(object: number): Token {
    return this.find(object).token;
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
    const exposed = this.find(object);
    let proxy = exposed.local?.deref();
    if (proxy === undefined) {
      proxy = proxyFor(new LocalReference(exposed.description, this));
      exposed.local = new WeakRef(proxy);
    }
    return proxy;
  }

  /** Looks for objects that nobody has any more, soon. */
  sweepSoon(): void {
    if (this.#sweepDue) return;
    this.#sweepDue = true;
    setImmediate(() => {
      this.#sweepDue = false;
      this.sweep();
    });
  }

  /** Gives up what nobody has any more. */
  sweep(): void {
    for (const [object, exposed] of this.#objects) {
      if (exposed.isWanted) continue;
      this.#objects.delete(object);
      exposed.drop();
    }
  }

  /** Does something to an object, or to what it has, as Comlink does. */
  #remote({ session }: Call, [object, action, path, sent]: [number, Action, string[], Sent[]]): unknown {
    const exposed = this.find(object);
    exposed.checkReach(action, path, session.scope === 'network');
    const args = sent.map(([kind, value]) =>
      kind === MARKED && session.scope === 'process'
        ? SessionCallbacks.of(session as GuestSession).stub(value as number)
        : value,
    );
    const result = perform(exposed.referent, action, path, args);
    const wrap = (value: unknown): Sent =>
      isMarked(value) ? [MARKED, this.#expose('(marked)', value, null)] : [AS_IT_IS, value];
    return isThenable(result) ? Promise.resolve(result).then(wrap) : wrap(result);
  }

  #track(name: unknown): void {
    if (!this.#registry.has(TRACKS_BLOCKS) || typeof name !== 'string') {
      throw new RemoteError('this server does not look after blocks of shared memory; use a SharedMemoryManager');
    }
    this.#blocks.add(name);
  }

  #expose(typeid: string, referent: unknown, entry: TypeEntry | null): Made {
    const builtin = entry?.builtin ?? null;
    const kind = entry?.kind ?? (Object.hasOwn(kinds, typeid) ? typeid : AUTO);
    if (builtin === null && entry !== null && kind !== AUTO && !kinds[kind].fits(referent)) {
      throw new TypeError(
        `the type "${typeid}" is registered with the proxies of a ${kind}, and its callable has made ${show(referent)}`,
      );
    }
    this.#lastObject = (this.#lastObject % 0x3fff_ffff) + 1;
    while (this.#objects.has(this.#lastObject)) this.#lastObject++;
    this.#objects.set(this.#lastObject, new Exposed(this.#lastObject, typeid, referent, entry, kind));
    this.#sweeper ??= setInterval(() => this.sweep(), SWEEP_MILLISECONDS).unref();
    const made = new Made(this.#lastObject);
    enterProxy(made, new LocalReference(this.find(this.#lastObject).description, this));
    return made;
  }

  #admit(frame: Frame): void {
    const { end, label } = frame.value() as { end: LineEnd; label: string };
    this.enter(new GuestSession(this, new PipeLine(end), label));
  }
}

/** How an object is shown to who asks for its text. */
function show(referent: unknown): string {
  return inspect(referent, { depth: 4, breakLength: Number.POSITIVE_INFINITY });
}

setReferentOf((proxy) => {
  const reference = referenceOf(proxy);
  return reference instanceof LocalReference ? reference.host.find(reference.description.object).referent : undefined;
});
