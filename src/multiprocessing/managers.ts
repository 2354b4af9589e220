/**
 * Objects in a server process that threads, processes and other programs share: Python's `multiprocessing.managers`.
 *
 * On a platform other than Linux (x64, arm64), importing it is a `NotImplementedError`.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#managers
 *
 * @module multiprocessing/managers
 */

export { AttributeError, AuthenticationError, ProcessError, RemoteError } from '../errors.ts';
export { ArrayProxy } from '../manager/array-proxy.ts';
export type { Awaitable, Blocking, MadeBy, MethodNames, ProxyOf } from '../manager/auto-proxy.ts';
export { type AnyManager, BaseManager, type ManagerThatMakes } from '../manager/base-manager.ts';
export { BaseProxy, type CallAsyncOptions } from '../manager/base-proxy.ts';
export { DictProxy, type DictSource } from '../manager/dict-proxy.ts';
export { BarrierProxy, EventProxy } from '../manager/event-proxy.ts';
export { ListProxy, type SortOptions } from '../manager/list-proxy.ts';
export { AcquirerProxy, ConditionProxy, LockProxy, SemaphoreProxy } from '../manager/lock-proxy.ts';
export type { ArgumentsOf, Makes } from '../manager/maker-methods.ts';
export type { ManagerOptions, StartOptions } from '../manager/manager-options.ts';
export { NamespaceProxy } from '../manager/namespace-proxy.ts';
export { AsyncResultProxy, IteratorProxy, PoolProxy } from '../manager/pool-proxy.ts';
export { QueueProxy } from '../manager/queue-proxy.ts';
export type { ProxyClass } from '../manager/reference.ts';
export { Namespace } from '../manager/referents/namespace.ts';
export type { ManagedType, RegisterOptions } from '../manager/registry.ts';
export { SequenceProxy } from '../manager/sequence-proxy.ts';
export { SharedMemoryManager } from '../manager/shared-memory-manager.ts';
export type { StandaloneServer } from '../manager/standalone-server.ts';
export { type ManagerFactory, SyncManager } from '../manager/sync-manager.ts';
export { ValueProxy } from '../manager/value-proxy.ts';
