import type { ModuleTarget } from '../pickle/module-target.ts';
import type { PoolOptions } from '../pool/pool.ts';
import type { BarrierOptions } from '../sync/barrier.ts';
import { callable } from '../sync/bind.ts';
import type { Target } from '../thread/target.ts';
import type { ArrayProxy } from './array-proxy.ts';
import { BaseManager } from './base-manager.ts';
import { type DictProxy, type DictSource, plain } from './dict-proxy.ts';
import type { BarrierProxy, EventProxy } from './event-proxy.ts';
import { builtinTypes } from './kinds.ts';
import type { ListProxy } from './list-proxy.ts';
import type { ConditionProxy, LockProxy, SemaphoreProxy } from './lock-proxy.ts';
import type { ManagerOptions } from './manager-options.ts';
import type { NamespaceProxy } from './namespace-proxy.ts';
import type { PoolProxy } from './pool-proxy.ts';
import type { QueueProxy } from './queue-proxy.ts';
import { builtinEntry, setRegistry } from './registry.ts';
import type { ValueProxy } from './value-proxy.ts';

/**
 * A manager of the usual types: what `Manager()` starts. Each method makes an object in the server, blocks until that is
 * done, and gives a proxy; each has an `Async` twin.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager
 */
export class SyncManager extends BaseManager {
  /** A dictionary. @param init a Map, pairs, or the properties of an object. */
  dict<K = string, V = unknown>(init?: DictSource<K, V> | null): DictProxy<K, V> {
    return this._create('dict', [plain(init)]) as DictProxy<K, V>;
  }

  /** {@link dict} while the event loop goes on. */
  async dictAsync<K = string, V = unknown>(init?: DictSource<K, V> | null): Promise<DictProxy<K, V>> {
    return this._createAsync('dict', [plain(init)]) as Promise<DictProxy<K, V>>;
  }

  /** A list. @param init its items. */
  list<T = unknown>(init?: Iterable<T> | null): ListProxy<T> {
    return this._create('list', [plain(init)]) as ListProxy<T>;
  }

  /** {@link list} while the event loop goes on. */
  async listAsync<T = unknown>(init?: Iterable<T> | null): Promise<ListProxy<T>> {
    return this._createAsync('list', [plain(init)]) as Promise<ListProxy<T>>;
  }

  /** Attributes: plain properties of the proxy. @param attributes those at first. */
  Namespace<T extends object = Record<string, unknown>>(attributes?: Partial<T> | null): NamespaceProxy<T> & T {
    return this._create('Namespace', [attributes]) as NamespaceProxy<T> & T;
  }

  /** {@link Namespace} while the event loop goes on. */
  async NamespaceAsync<T extends object = Record<string, unknown>>(
    attributes?: Partial<T> | null,
  ): Promise<NamespaceProxy<T> & T> {
    return this._createAsync('Namespace', [attributes]) as Promise<NamespaceProxy<T> & T>;
  }

  /** A value, without a lock. @param typecode as that of `multiprocessing.Value`; it is not enforced, as in Python. */
  Value<T = number>(typecode: string, value: T): ValueProxy<T> {
    return this._create('Value', [typecode, value]) as ValueProxy<T>;
  }

  /** {@link Value} while the event loop goes on. */
  async ValueAsync<T = number>(typecode: string, value: T): Promise<ValueProxy<T>> {
    return this._createAsync('Value', [typecode, value]) as Promise<ValueProxy<T>>;
  }

  /** An array of a fixed length, without a lock. @param typecode is not enforced, as in Python. */
  Array<T = number>(typecode: string, items: Iterable<T>): ArrayProxy<T> {
    return this._create('Array', [typecode, plain(items)]) as ArrayProxy<T>;
  }

  /** {@link Array} while the event loop goes on. */
  async ArrayAsync<T = number>(typecode: string, items: Iterable<T>): Promise<ArrayProxy<T>> {
    return this._createAsync('Array', [typecode, plain(items)]) as Promise<ArrayProxy<T>>;
  }

  /** A lock. */
  Lock(): LockProxy {
    return this._create('Lock', []) as LockProxy;
  }

  /** {@link Lock} while the event loop goes on. */
  async LockAsync(): Promise<LockProxy> {
    return this._createAsync('Lock', []) as Promise<LockProxy>;
  }

  /** A reentrant lock. */
  RLock(): LockProxy {
    return this._create('RLock', []) as LockProxy;
  }

  /** {@link RLock} while the event loop goes on. */
  async RLockAsync(): Promise<LockProxy> {
    return this._createAsync('RLock', []) as Promise<LockProxy>;
  }

  /** A condition. @param lock a lock of this manager; absent: a new reentrant one. */
  Condition(lock?: LockProxy | null): ConditionProxy {
    return this._create('Condition', [lock]) as ConditionProxy;
  }

  /** {@link Condition} while the event loop goes on. */
  async ConditionAsync(lock?: LockProxy | null): Promise<ConditionProxy> {
    return this._createAsync('Condition', [lock]) as Promise<ConditionProxy>;
  }

  /** A semaphore. @param value permits at first. @throws ValueError it is negative. */
  Semaphore(value = 1): SemaphoreProxy {
    return this._create('Semaphore', [value]) as SemaphoreProxy;
  }

  /** {@link Semaphore} while the event loop goes on. */
  async SemaphoreAsync(value = 1): Promise<SemaphoreProxy> {
    return this._createAsync('Semaphore', [value]) as Promise<SemaphoreProxy>;
  }

  /** A semaphore that has never more permits than at first. @throws ValueError the number is negative. */
  BoundedSemaphore(value = 1): SemaphoreProxy {
    return this._create('BoundedSemaphore', [value]) as SemaphoreProxy;
  }

  /** {@link BoundedSemaphore} while the event loop goes on. */
  async BoundedSemaphoreAsync(value = 1): Promise<SemaphoreProxy> {
    return this._createAsync('BoundedSemaphore', [value]) as Promise<SemaphoreProxy>;
  }

  /** A flag, not raised. */
  Event(): EventProxy {
    return this._create('Event', []) as EventProxy;
  }

  /** {@link Event} while the event loop goes on. */
  async EventAsync(): Promise<EventProxy> {
    return this._createAsync('Event', []) as Promise<EventProxy>;
  }

  /**
   * A barrier. @param parties how many have to come. @param action called in the server by the last to come.
   * @param timeout seconds that each `wait` waits at most if it is not told otherwise.
   */
  Barrier(parties: number, action?: (() => unknown) | BarrierOptions | null, timeout?: number | null): BarrierProxy {
    return this._create('Barrier', [parties, action, timeout]) as BarrierProxy;
  }

  /** {@link Barrier} while the event loop goes on. */
  async BarrierAsync(
    parties: number,
    action?: (() => unknown) | BarrierOptions | null,
    timeout?: number | null,
  ): Promise<BarrierProxy> {
    return this._createAsync('Barrier', [parties, action, timeout]) as Promise<BarrierProxy>;
  }

  /** A queue. @param maxsize how many items it holds at most; 0: no limit. */
  Queue<T = unknown>(maxsize = 0): QueueProxy<T> {
    return this._create('Queue', [maxsize]) as QueueProxy<T>;
  }

  /** {@link Queue} while the event loop goes on. */
  async QueueAsync<T = unknown>(maxsize = 0): Promise<QueueProxy<T>> {
    return this._createAsync('Queue', [maxsize]) as Promise<QueueProxy<T>>;
  }

  /** The same as {@link Queue}, as in Python. */
  JoinableQueue<T = unknown>(maxsize = 0): QueueProxy<T> {
    return this._create('JoinableQueue', [maxsize]) as QueueProxy<T>;
  }

  /** {@link JoinableQueue} while the event loop goes on. */
  async JoinableQueueAsync<T = unknown>(maxsize = 0): Promise<QueueProxy<T>> {
    return this._createAsync('JoinableQueue', [maxsize]) as Promise<QueueProxy<T>>;
  }

  /** A pool whose workers are children of the server. Not for other programs: functions do not travel there. */
  Pool(
    options?: number | null | PoolOptions,
    initializer?: Target | ModuleTarget | null,
    initargs?: readonly unknown[],
    maxtasksperchild?: number | null,
  ): PoolProxy {
    return this._create('Pool', [options, initializer, initargs, maxtasksperchild]) as PoolProxy;
  }

  /** {@link Pool} while the event loop goes on. */
  async PoolAsync(options?: number | null | PoolOptions): Promise<PoolProxy> {
    return this._createAsync('Pool', [options]) as Promise<PoolProxy>;
  }
}

setRegistry(SyncManager, new Map(Object.keys(builtinTypes).map((typeid) => [typeid, builtinEntry(typeid)])));

/** Starts a manager, with or without `new`. */
export interface ManagerFactory {
  /** @throws OSError there is no room for another process, or the address is in use. */
  new (options?: ManagerOptions | null): SyncManager;
  (options?: ManagerOptions | null): SyncManager;
}

/**
 * Starts the server of a {@link SyncManager}, and blocks until it serves. The server is a process of its own; it ends
 * with this one, at `shutdown()`, or at the end of a `using` block.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Manager
 */
export const Manager: ManagerFactory = callable(
  'Manager',
  (options?: ManagerOptions | null) => {
    const manager = new SyncManager(options);
    manager.start();
    return manager;
  },
  SyncManager.prototype,
);
