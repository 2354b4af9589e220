/** The kinds of objects that a server knows by itself: how they are made, and the methods that each has. */

import { Pool } from '../pool/pool.ts';
import { JoinableQueue } from '../queue/multiprocessing.ts';
import { Queue } from '../queue/threading.ts';
import { Barrier, BoundedSemaphore, Event, Semaphore } from '../sync/threading.ts';
import { describe } from '../sync/timeout.ts';
import type { Call, Methods } from './call.ts';
import { conditionMethods, ManagedCondition } from './referents/condition.ts';
import { dictMethods, entriesOf } from './referents/dict.ts';
import { listFrom, listMethods } from './referents/list.ts';
import { lockMethods, ManagedLock } from './referents/lock.ts';
import { Namespace, namespaceMethods } from './referents/namespace.ts';
import { iteratorMethods, POOL_RESULTS, poolMethods, resultMethods } from './referents/pool.ts';
import { barrierMethods, eventMethods, queueMethods, semaphoreMethods } from './referents/synchronisation.ts';
import { arrayMethods, type ManagedValue, valueMethods } from './referents/values.ts';

/** How the objects of a kind are called, and copied. */
export interface Kind {
  // biome-ignore lint/suspicious/noExplicitAny: of whatever type the kind's objects are
  readonly methods: Methods<any>;
  /** Whether an object of somebody's own is of this kind. */
  readonly fits: (object: unknown) => boolean;
  /** Methods whose results stay in the server, with the kind that those are. */
  readonly results?: Record<string, string>;
  /** Its value for `_getvalue`; absent: there is none. */
  readonly value?: (object: never) => unknown;
  /** Ends what belongs to the object, when nobody has it any more. */
  readonly end?: (object: never) => void;
}

const none = (): boolean => false;

export const kinds: Record<string, Kind> = {
  dict: { methods: dictMethods, fits: (o) => o instanceof Map, value: (map: Map<unknown, unknown>) => map },
  list: { methods: listMethods, fits: Array.isArray, value: (list: unknown[]) => list },
  Namespace: { methods: namespaceMethods, fits: isObject, value: (object: object) => ({ ...object }) },
  Lock: { methods: lockMethods, fits: none },
  Condition: { methods: conditionMethods, fits: none },
  Semaphore: { methods: semaphoreMethods, fits: (o) => o instanceof Semaphore },
  Event: { methods: eventMethods, fits: (o) => o instanceof Event },
  Barrier: { methods: barrierMethods, fits: (o) => o instanceof Barrier },
  Queue: { methods: queueMethods, fits: (o) => o instanceof Queue || o instanceof JoinableQueue },
  Value: { methods: valueMethods, fits: none, value: (cell: ManagedValue) => cell.value },
  Array: { methods: arrayMethods, fits: Array.isArray, value: (array: unknown[]) => array },
  Pool: {
    methods: poolMethods,
    fits: (o) => o instanceof Pool,
    results: POOL_RESULTS,
    end: (pool: Pool) => void pool.terminateAsync().catch(() => {}),
  },
  AsyncResult: { methods: resultMethods, fits: none },
  Iterator: { methods: iteratorMethods, fits: none },
};

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** What a type that a server knows by itself makes of its arguments. */
export interface BuiltinType {
  readonly kind: string;
  // biome-ignore lint/suspicious/noExplicitAny: the arguments come from elsewhere, and are checked by what takes them
  make(call: Call, ...args: any[]): unknown;
}

/** The types of a `SyncManager`. */
export const builtinTypes: Record<string, BuiltinType> = {
  dict: { kind: 'dict', make: (_call, init) => new Map(entriesOf(init, 'Manager.dict')) },
  list: { kind: 'list', make: (_call, init) => listFrom(init) },
  Namespace: { kind: 'Namespace', make: (_call, attributes) => new Namespace(attributes ?? {}) },
  Value: {
    kind: 'Value',
    make: (_call, typecode, value): ManagedValue => ({ typecode, value }),
  },
  Array: { kind: 'Array', make: (_call, _typecode, items) => [...items] },
  Lock: { kind: 'Lock', make: () => new ManagedLock('Lock') },
  RLock: { kind: 'Lock', make: () => new ManagedLock('RLock') },
  Condition: { kind: 'Condition', make: (_call, lock) => new ManagedCondition(lockOf(lock)) },
  Semaphore: { kind: 'Semaphore', make: (_call, value) => new Semaphore(value) },
  BoundedSemaphore: { kind: 'Semaphore', make: (_call, value) => new BoundedSemaphore(value) },
  Event: { kind: 'Event', make: () => new Event() },
  Barrier: {
    kind: 'Barrier',
    make: (_call, parties, action, timeout) => new Barrier(parties, action, timeout),
  },
  Queue: { kind: 'Queue', make: (_call, maxsize) => new Queue(maxsize) },
  JoinableQueue: { kind: 'Queue', make: (_call, maxsize) => new Queue(maxsize) },
  Pool: {
    kind: 'Pool',
    make({ session }, ...args) {
      if (session.scope === 'network') {
        throw new TypeError('Manager.Pool: a pool runs functions, and those do not travel between programs');
      }
      return new Pool(...args);
    },
  },
};

/** Finds the object of this server that a proxy is about; set by the server, which is a layer above. */
let referentOf: (proxy: unknown) => unknown = () => undefined;

export function setReferentOf(find: (proxy: unknown) => unknown): void {
  referentOf = find;
}

/** The lock of a condition: that of a proxy, or a new one. */
function lockOf(lock: unknown): ManagedLock {
  if (lock === undefined || lock === null) return new ManagedLock('RLock');
  const referent = referentOf(lock);
  if (referent instanceof ManagedLock) return referent;
  throw new TypeError(`Manager.Condition: lock must be a Lock or an RLock of the same manager, not ${describe(lock)}`);
}
