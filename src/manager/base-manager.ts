import { AssertionError, PicklingError, ProcessError, ValueError } from '../errors.ts';
import { registerReducer } from '../pickle/reducer.ts';
import { currentProcess } from '../process/current.ts';
import { checkKey } from '../process/handshake.ts';
import { type Address, endpointOf } from '../process/socket-address.ts';
import type { WaitAsyncOptions } from '../sync/async-wait.ts';
import { describe, toMilliseconds } from '../sync/timeout.ts';
import { checkArguments, checkTarget } from '../thread/target.ts';
import type { MadeBy, ProxyOf } from './auto-proxy.ts';
import { BaseProxy } from './base-proxy.ts';
import { ask, askAsync, create, createAsync, type Gate } from './gate.ts';
import { type ManagerOptions, type StartOptions, settingsOf } from './manager-options.ts';
import { networkGate } from './network-caller.ts';
import { entryOf, type ManagedType, type RegisterOptions, type Registry } from './registry.ts';
import { ServerProcess } from './server-process.ts';
import { StandaloneServer } from './standalone-server.ts';

/** The methods that a registered type gives to its manager. */
export type Makes<N extends string, C extends ManagedType> = {
  [K in N]: (...args: ArgumentsOf<C>) => ProxyOf<MadeBy<C>>;
} & {
  [K in `${N}Async`]: (...args: ArgumentsOf<C>) => Promise<ProxyOf<MadeBy<C>>>;
};

/** The arguments of what makes the objects of a type. */
export type ArgumentsOf<C extends ManagedType> = C extends abstract new (
  ...args: infer A
) => unknown
  ? A
  : C extends (...args: infer A) => unknown
    ? A
    : never;

/** A class of managers that makes one type more. */
export type ManagerThatMakes<M extends AnyManager, N extends string, C extends ManagedType> = Omit<M, 'prototype'> &
  (new (
    options?: ManagerOptions | Address | null,
    authkey?: Uint8Array | null,
  ) => InstanceType<M> & Makes<N, C>);

/** Any class of managers. */
// biome-ignore lint/suspicious/noExplicitAny: a class with any constructor
export type AnyManager = (abstract new (...args: any[]) => BaseManager) & Pick<typeof BaseManager, 'register'>;

const INITIAL = 0;
const STARTED = 1;
const SHUTDOWN = 2;

/** The managers of proxies: one that nobody has any more is shut down, but not while a proxy that it made is left. */
const managers = new WeakMap<object, BaseManager>();
const abandoned = new FinalizationRegistry<ServerProcess>((server) => {
  server.process.terminate();
  server.ended();
});

const REGISTRY: unique symbol = Symbol('registry');

/**
 * A server of objects that threads, processes and other programs share, by proxies. `SyncManager` (and `Manager()`) has
 * the usual types; types of your own are {@link register}ed.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.BaseManager
 */
export class BaseManager {
  /** @internal */
  static [REGISTRY]: Registry = new Map();

  #state = INITIAL;
  #server: ServerProcess | null = null;
  #gate: Gate | null = null;
  readonly #address: Address | undefined;
  readonly #authkey: Uint8Array;
  readonly #patience: number;

  /**
   * @param options the settings, or the address alone. @param authkey the key, if it is not among the options.
   * @throws ValueError no address. @throws TypeError the key is no bytes.
   */
  constructor(options?: ManagerOptions | Address | null, authkey?: Uint8Array | null) {
    const settings = settingsOf(options, authkey);
    const who = this.constructor.name;
    if (settings.address !== undefined && settings.address !== null) {
      endpointOf(settings.address, null, who);
      this.#address = settings.address;
    }
    this.#authkey = checkKey(settings.authkey, who) ?? currentProcess().authkey;
    this.#patience = toMilliseconds(settings.shutdownTimeout ?? 1, `${who}: shutdownTimeout`) / 1000;
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
    if (options.createMethod ?? true) addMethods(cls, typeid);
    if (!Object.hasOwn(cls, REGISTRY)) cls[REGISTRY] = new Map(cls[REGISTRY]);
    cls[REGISTRY].set(typeid, entry);
    return cls as unknown as ManagerThatMakes<M, N, C>;
  }

  /** Where other programs connect, with the port that the system chose; `null` when there is no such place. */
  get address(): readonly [host: string, port: number] | string | null {
    if (this.#server !== null) return this.#server.address;
    return (this.#address as [string, number] | string | undefined) ?? null;
  }

  /**
   * Starts the server, in a process of its own that ends with this one; blocks until it serves.
   * @throws ProcessError it was started before. @throws PicklingError a type that was registered cannot be sent.
   * @throws OSError the address is in use. Else what the initializer throws.
   */
  start(options?: StartOptions | null): void {
    const server = this.#newServer(options);
    server.begin();
    this.#begun(server);
  }

  /** {@link start} while the event loop goes on. */
  async startAsync(options?: StartOptions | null): Promise<void> {
    const server = this.#newServer(options);
    await server.beginAsync();
    this.#begun(server);
  }

  /**
   * Connects to a server that runs elsewhere; blocks until it has answered.
   * @throws AuthenticationError the keys differ. @throws ConnectionRefusedError, FileNotFoundError nobody is there.
   * @throws ProcessError it was started or connected before. @throws ValueError there is no address.
   */
  connect(): void {
    const gate = networkGate(this.#connectable('connect'), this.#authkey);
    ask(gate, 'hello');
    this.#connected(gate);
  }

  /** {@link connect} while the event loop goes on. */
  async connectAsync(): Promise<void> {
    const gate = networkGate(this.#connectable('connectAsync'), this.#authkey);
    await gate.openAsync();
    await askAsync(gate, 'hello');
    this.#connected(gate);
  }

  /**
   * A server that runs in this thread instead of a process of its own.
   * @throws ProcessError the manager was started or connected. @throws ValueError there is no address.
   */
  getServer(): StandaloneServer {
    const address = this.#connectable('getServer');
    return new StandaloneServer(this.#registry, address, this.#authkey);
  }

  /**
   * Ends the server; blocks until it has ended. What proxies call afterwards is a `BrokenPipeError`. Does nothing the
   * second time. @throws ProcessError it was not started here.
   */
  shutdown(): void {
    const server = this.#ending('shutdown');
    server?.end(this.#patience);
  }

  /** {@link shutdown} while the event loop goes on. */
  async shutdownAsync(): Promise<void> {
    const server = this.#ending('shutdownAsync');
    await server?.endAsync(this.#patience);
  }

  /** Blocks until the server has ended. @param timeout seconds at most. @throws ProcessError it was not started here. */
  join(timeout?: number | null): void {
    this.#own('join').process.join(timeout);
  }

  /** {@link join} while the event loop goes on. */
  async joinAsync(options?: number | null | WaitAsyncOptions): Promise<void> {
    await this.#own('joinAsync').process.joinAsync(options);
  }

  /** Starts the server if need be, runs `fn`, and shuts it down: Python's `with manager:`. */
  with<R>(fn: (manager: this) => R): R {
    if (this.#state === INITIAL) this.start();
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
    if (this.#state === INITIAL) await this.startAsync();
    try {
      return await fn(this);
    } finally {
      await this.shutdownAsync();
    }
  }

  /** Shuts the server down, if it was started here (`using manager = …`). */
  [Symbol.dispose](): void {
    if (this.#server !== null) this.shutdown();
  }

  /** Shuts the server down while the event loop goes on (`await using manager = …`). */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server !== null) await this.shutdownAsync();
  }

  /** The pid of the server process; `null` if it was not started here. */
  get _pid(): number | null {
    return this.#server?.process.pid ?? null;
  }

  /** What the server has, for people to read: the number, type and beginning of the text of each object; blocks. */
  _debugInfo(): { id: number; typeid: string; value: string }[] {
    return ask(this.#open('_debugInfo'), 'debugInfo') as { id: number; typeid: string; value: string }[];
  }

  /** How many objects the server has; blocks. */
  _numberOfObjects(): number {
    return ask(this.#open('_numberOfObjects'), 'numberOfObjects') as number;
  }

  /** @internal Asks the server something; blocks. */
  protected _ask(what: string, args: unknown[]): unknown {
    return ask(this.#open(what), what, args);
  }

  /** @internal @throws AssertionError the server was not started */
  protected _checkStarted(what: string): void {
    this.#open(what);
  }

  /** @internal Has an object of a type made; blocks. */
  protected _create(typeid: string, args: unknown[]): unknown {
    const proxy = create(this.#open(typeid), typeid, args) as object;
    managers.set(proxy, this);
    return proxy;
  }

  /** @internal {@link _create} while the event loop goes on. */
  protected async _createAsync(typeid: string, args: unknown[]): Promise<unknown> {
    const proxy = (await createAsync(this.#open(typeid), typeid, args)) as object;
    managers.set(proxy, this);
    return proxy;
  }

  get #registry(): Registry {
    return (this.constructor as typeof BaseManager)[REGISTRY];
  }

  get #who(): string {
    return this.constructor.name;
  }

  #newServer(options: StartOptions | null | undefined): ServerProcess {
    this.#checkInitial('start');
    const who = `${this.#who}.start`;
    if (options !== undefined && options !== null && typeof options !== 'object') {
      throw new TypeError(`${who}: needs options such as { initializer, initargs }, not ${describe(options)}`);
    }
    return new ServerProcess(
      {
        registry: this.#registry,
        initializer: checkTarget(options?.initializer, who),
        initargs: checkArguments(options?.initargs, who),
        address: this.#address,
        authkey: this.#authkey,
      },
      `${this.#who}-${++count}`,
    );
  }

  #begun(server: ServerProcess): void {
    this.#server = server;
    this.#gate = server.gate;
    this.#state = STARTED;
    abandoned.register(this, server, this);
  }

  #connected(gate: Gate): void {
    this.#gate = gate;
    this.#state = STARTED;
  }

  #checkInitial(method: string): void {
    if (this.#state === INITIAL) return;
    const why = this.#state === STARTED ? 'Already started server' : 'Manager has shut down';
    throw new ProcessError(`${this.#who}.${method}: ${why}; make another manager`);
  }

  #connectable(method: string): Address {
    this.#checkInitial(method);
    if (this.#address !== undefined) return this.#address;
    throw new ValueError(`${this.#who}.${method}: the manager has no address; give one to its constructor`);
  }

  #open(what: string): Gate {
    if (this.#state === STARTED) return this.#gate as Gate;
    throw new AssertionError(
      this.#state === INITIAL
        ? `${this.#who}.${what}: server not yet started; call start() or connect() first`
        : `${this.#who}.${what}: the manager has shut down`,
    );
  }

  #own(method: string): ServerProcess {
    if (this.#server !== null) return this.#server;
    throw new ProcessError(`${this.#who}.${method}: the server was not started by this manager`);
  }

  #ending(method: string): ServerProcess | null {
    const server = this.#own(method);
    if (this.#state === SHUTDOWN) return null;
    this.#state = SHUTDOWN;
    abandoned.unregister(this);
    return server;
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

/** Has managers of a class make a type, by a method of its name. @throws ValueError */
function addMethods(cls: typeof BaseManager, typeid: string): void {
  if (Object.hasOwn(BaseManager.prototype, typeid)) {
    throw new ValueError(`BaseManager.register: "${typeid}" is a method of every manager; choose another name`);
  }
  const define = (name: string, value: unknown): void => {
    Object.defineProperty(cls.prototype, name, { value, writable: true, configurable: true });
  };
  define(typeid, function (this: Maker, ...args: unknown[]) {
    return this._create(typeid, args);
  });
  define(`${typeid}Async`, async function (this: Maker, ...args: unknown[]) {
    return this._createAsync(typeid, args);
  });
}

interface Maker {
  _create(typeid: string, args: unknown[]): unknown;
  _createAsync(typeid: string, args: unknown[]): Promise<unknown>;
}

/** @internal The registry of a class of managers, to begin with. */
export function setRegistry(cls: typeof BaseManager, registry: Registry): void {
  cls[REGISTRY] = registry;
}
