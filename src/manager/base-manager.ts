import { PicklingError, ValueError } from '../errors.ts';
import { registerReducer } from '../pickle/reducer.ts';
import type { Address } from '../process/socket-address.ts';
import type { WaitAsyncOptions } from '../sync/async-wait.ts';
import { BaseProxy } from './base-proxy.ts';
import { ask, askAsync, create, createAsync } from './gate.ts';
import { addMakerMethods, type Makes } from './maker-methods.ts';
import {
  initializerOf,
  type ManagerOptions,
  type ManagerSettings,
  type StartOptions,
  settingsOf,
} from './manager-options.ts';
import { ManagerState } from './manager-state.ts';
import { networkGate } from './network-caller.ts';
import { enterType, entryOf, type ManagedType, REGISTRY, type RegisterOptions, type Registry } from './registry.ts';
import { ServerProcess } from './server-process.ts';
import { StandaloneServer } from './standalone-server.ts';

/** A class of managers that makes one type more. */
export type ManagerThatMakes<M extends AnyManager, N extends string, C extends ManagedType> = Omit<M, 'prototype'> &
  (new (
    options?: ManagerOptions | Address | null,
    authkey?: Uint8Array | null,
  ) => InstanceType<M> & Makes<N, C>);

/** Any class of managers. */
// biome-ignore lint/suspicious/noExplicitAny: a class with any constructor
export type AnyManager = (abstract new (...args: any[]) => BaseManager) & Pick<typeof BaseManager, 'register'>;

/** The managers of proxies: one that nobody has any more is shut down, but not while a proxy that it made is left. */
const managers = new WeakMap<object, BaseManager>();

/**
 * A server of objects that threads, processes and other programs share, by proxies. `SyncManager` (and `Manager()`) has
 * the usual types; types of your own are {@link register}ed.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.BaseManager
 */
export class BaseManager {
  /** @internal */
  static [REGISTRY]: Registry = new Map();

  readonly #state: ManagerState;
  readonly #settings: ManagerSettings;

  /**
   * @param options the settings, or the address alone. @param authkey the key, if it is not among the options.
   * @throws ValueError no address. @throws TypeError the key is no bytes.
   */
  constructor(options?: ManagerOptions | Address | null, authkey?: Uint8Array | null) {
    const who = this.constructor.name;
    this.#settings = settingsOf(options, authkey, who);
    this.#state = new ManagerState(who);
  }

  /**
   * Registers a type: managers of this class, made from now on, get a method of its name that makes an object in the
   * server and gives a proxy, and an `Async` twin. Each subclass has a registry of its own, which begins with that of
   * its base.
   *
   * @param typeid the name. @param callable a class, or a function, that makes the object; it travels to the server.
   * Absent for a manager that only connects. @returns the class itself, as one that makes the type.
   * @throws TypeError an argument is of the wrong type. @throws ValueError the name is a method of managers.
   */
  static register<M extends AnyManager, N extends string, C extends ManagedType>(
    this: M,
    typeid: N,
    callable?: C | null,
    options: RegisterOptions = {},
  ): ManagerThatMakes<M, N, C> {
    // biome-ignore lint/complexity/noThisInStatic: the class that it is called on has the registry
    const cls = this as unknown as typeof BaseManager;
    const isProxyClass = (proxy: unknown): boolean => (proxy as typeof BaseProxy)?.prototype instanceof BaseProxy;
    const entry = entryOf(typeid, callable, options, isProxyClass);
    if (options.createMethod ?? true) addMakerMethods(cls.prototype, BaseManager.prototype, typeid);
    enterType(cls, typeid, entry);
    return cls as unknown as ManagerThatMakes<M, N, C>;
  }

  /** Where other programs connect, with the port that the system chose; `null` when there is no such place. */
  get address(): readonly [host: string, port: number] | string | null {
    if (this.#state.server !== null) return this.#state.server.address;
    return (this.#settings.address as [string, number] | string | undefined) ?? null;
  }

  /**
   * Starts the server, in a process of its own that ends with this one; blocks until it serves.
   * @throws ProcessError it was started before. @throws PicklingError a type that was registered cannot be sent.
   * @throws OSError the address is in use. Else what the initializer throws.
   */
  start(options?: StartOptions | null): void {
    const server = this.#newServer(options);
    server.begin();
    this.#state.begun(server);
  }

  /** {@link start} while the event loop goes on. */
  async startAsync(options?: StartOptions | null): Promise<void> {
    const server = this.#newServer(options);
    await server.beginAsync();
    this.#state.begun(server);
  }

  /**
   * Connects to a server that runs elsewhere; blocks until it has answered.
   * @throws AuthenticationError the keys differ. @throws ConnectionRefusedError, FileNotFoundError nobody is there.
   * @throws ProcessError it was started or connected before. @throws ValueError there is no address.
   */
  connect(): void {
    const gate = networkGate(this.#connectable('connect'), this.#settings.authkey);
    ask(gate, 'hello');
    this.#state.connected(gate);
  }

  /** {@link connect} while the event loop goes on. */
  async connectAsync(): Promise<void> {
    const gate = networkGate(this.#connectable('connectAsync'), this.#settings.authkey);
    await gate.openAsync();
    await askAsync(gate, 'hello');
    this.#state.connected(gate);
  }

  /**
   * A server that runs in this thread instead of a process of its own.
   * @throws ProcessError the manager was started or connected. @throws ValueError there is no address.
   */
  getServer(): StandaloneServer {
    const address = this.#connectable('getServer');
    return new StandaloneServer(this.#registry, address, this.#settings.authkey);
  }

  /**
   * Ends the server; blocks until it has ended. What proxies call afterwards is a `BrokenPipeError`. Does nothing the
   * second time. @throws ProcessError it was not started here.
   */
  shutdown(): void {
    const server = this.#state.end('shutdown');
    server?.end(this.#settings.shutdownTimeout);
  }

  /** {@link shutdown} while the event loop goes on. */
  async shutdownAsync(): Promise<void> {
    const server = this.#state.end('shutdownAsync');
    await server?.endAsync(this.#settings.shutdownTimeout);
  }

  /** Blocks until the server has ended. @param timeout seconds at most. @throws ProcessError it was not started here. */
  join(timeout?: number | null): void {
    this.#state.own('join').process.join(timeout);
  }

  /** {@link join} while the event loop goes on. */
  async joinAsync(options?: number | null | WaitAsyncOptions): Promise<void> {
    await this.#state.own('joinAsync').process.joinAsync(options);
  }

  /** Starts the server if need be, runs `fn`, and shuts it down: Python's `with manager:`. */
  with<R>(fn: (manager: this) => R): R {
    if (this.#state.isInitial) this.start();
    let result: R;
    try {
      result = fn(this);
    } finally {
      this.shutdown();
    }
    if (typeof (result as PromiseLike<unknown> | undefined)?.then === 'function') {
      throw new TypeError('with(): the function returned a promise, and the server has ended already; use withAsync()');
    }
    return result;
  }

  /** Starts the server if need be, runs `fn`, and shuts it down when its promise settles. */
  async withAsync<R>(fn: (manager: this) => R | PromiseLike<R>): Promise<R> {
    if (this.#state.isInitial) await this.startAsync();
    try {
      return await fn(this);
    } finally {
      await this.shutdownAsync();
    }
  }

  /** Shuts the server down, if it was started here (`using manager = …`). */
  [Symbol.dispose](): void {
    if (this.#state.server !== null) this.shutdown();
  }

  /** Shuts the server down while the event loop goes on (`await using manager = …`). */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state.server !== null) await this.shutdownAsync();
  }

  /** The pid of the server process; `null` if it was not started here. */
  get _pid(): number | null {
    return this.#state.server?.process.pid ?? null;
  }

  /** What the server has, for people to read: the number, type and beginning of the text of each object; blocks. */
  _debugInfo(): { id: number; typeid: string; value: string }[] {
    return ask(this.#state.gate('_debugInfo'), 'debugInfo') as { id: number; typeid: string; value: string }[];
  }

  /** How many objects the server has; blocks. */
  _numberOfObjects(): number {
    return ask(this.#state.gate('_numberOfObjects'), 'numberOfObjects') as number;
  }

  /** @internal Asks the server something; blocks. */
  protected _ask(what: string, args: unknown[]): unknown {
    return ask(this.#state.gate(what), what, args);
  }

  /** @internal @throws AssertionError the server was not started */
  protected _checkStarted(what: string): void {
    this.#state.gate(what);
  }

  /** @internal Has an object of a type made; blocks. */
  protected _create(typeid: string, args: unknown[]): unknown {
    const proxy = create(this.#state.gate(typeid), typeid, args) as object;
    managers.set(proxy, this);
    return proxy;
  }

  /** @internal {@link _create} while the event loop goes on. */
  protected async _createAsync(typeid: string, args: unknown[]): Promise<unknown> {
    const proxy = (await createAsync(this.#state.gate(typeid), typeid, args)) as object;
    managers.set(proxy, this);
    return proxy;
  }

  get #registry(): Registry {
    return (this.constructor as typeof BaseManager)[REGISTRY];
  }

  #newServer(options: StartOptions | null | undefined): ServerProcess {
    this.#state.checkInitial('start');
    const { address, authkey } = this.#settings;
    const who = this.constructor.name;
    return new ServerProcess(
      {
        registry: this.#registry,
        ...initializerOf(options, `${who}.start`),
        address,
        authkey,
      },
      `${who}-${++count}`,
    );
  }

  #connectable(method: string): Address {
    this.#state.checkInitial(method);
    const { address } = this.#settings;
    if (address !== undefined) return address;
    throw new ValueError(`${this.constructor.name}.${method}: the manager has no address; give one to its constructor`);
  }
}

let count = 0;

registerReducer(BaseManager, {
  tag: 'multiprocessing.managers.BaseManager',
  network: true,
  whole: true,
  dump(_manager, context): never {
    throw new PicklingError(`${context.path()}: a manager stays with the process that made it; send its proxies`);
  },
  load(): never {
    throw new PicklingError('a manager cannot be received');
  },
});
