/**
 * The primitives of `threading`: the classes of this folder on the block that the threads of this program share.
 */

import { Place } from '../memory/handle.ts';
import { localMemory } from '../memory/local-memory.ts';
import { type BarrierOptions, Barrier as BaseBarrier, barrierArguments, initialiseBarrier } from './barrier.ts';
import { registerShared } from './bind.ts';
import { Condition as BaseCondition, CONDITION_BYTES, type ConditionOptions, lockArgument } from './condition.ts';
import { Event as BaseEvent, EVENT_BYTES } from './event.ts';
import type { ExclusiveLock } from './exclusive-lock.ts';
import {
  type ArrayFactory,
  type RawArrayFactory,
  type RawValueFactory,
  sharedFactories,
  type ValueFactory,
} from './factories.ts';
import { Lock as BaseLock, LOCK_BYTES } from './lock.ts';
import { RLock as BaseRLock, RLOCK_WORDS } from './rlock.ts';
import { BARRIER_BYTES } from './round.ts';
import {
  Semaphore as BaseSemaphore,
  initialiseSemaphore,
  SEMAPHORE_BYTES,
  type SemaphoreOptions,
} from './semaphore.ts';

export type { ArrayLock, ByteString, RawArrayOf, SharedArrayOf } from './array.ts';
export type { WaitAsyncOptions } from './async-wait.ts';
export type { BarrierOptions } from './barrier.ts';
export type { ConditionOptions } from './condition.ts';
export { type DeadlockWait, detectDeadlocks } from './deadlock.ts';
export type { ExclusiveLock } from './exclusive-lock.ts';
export type {
  ArrayFactory,
  ArraySource,
  LockOption,
  RawArrayFactory,
  RawValueFactory,
  ValueFactory,
} from './factories.ts';
export type { AcquireAsyncOptions, AcquireOptions, Guard, Lockable } from './lockable.ts';
export type { SemaphoreOptions } from './semaphore.ts';
export type { AnyTypedArray, AssignableTo, Typecode, TypedArrayOf, ValueOf } from './typecode.ts';
export type { RawValue as RawValueOf, SynchronizedValue } from './value.ts';

/**
 * A lock between the threads of this program, held or free. It is not reentrant, and anybody may release it. Times are
 * in seconds. Whoever ends while it holds the lock (also by `kill -9`) makes the next `acquire` throw an
 * `OwnerDiedError`, once.
 *
 * Python: https://docs.python.org/3/library/threading.html#lock-objects
 */
export class Lock extends BaseLock {
  /** A new lock, free. */
  constructor();
  /** @internal */
  constructor(place: Place);
  constructor(place = Place.fresh(localMemory(), LOCK_BYTES)) {
    super(place);
  }
}
registerShared(Lock, 'threading', 'Lock', localMemory, (place) => new Lock(place));

/**
 * A lock between the threads of this program that its owner may take again: it is free when it was released as often.
 * The owner is a thread or, for what runs inside `withAsync`, that flow alone. Times are in seconds. Whoever ends
 * while it holds the lock (also by `kill -9`) makes the next `acquire` throw an `OwnerDiedError`, once.
 *
 * Python: https://docs.python.org/3/library/threading.html#rlock-objects
 */
export class RLock extends BaseRLock {
  /** A new lock, free. */
  constructor();
  /** @internal */
  constructor(place: Place);
  constructor(place = Place.fresh(localMemory(), RLOCK_WORDS * 4)) {
    super(place);
  }
}
registerShared(RLock, 'threading', 'RLock', localMemory, (place) => new RLock(place));

/**
 * A flag between the threads of this program: `set` raises it, `wait` blocks until it is raised, for `timeout` seconds
 * at most.
 *
 * Python: https://docs.python.org/3/library/threading.html#event-objects
 */
export class Event extends BaseEvent {
  /** A new event, not set. */
  constructor();
  /** @internal */
  constructor(place: Place);
  constructor(place = Place.fresh(localMemory(), EVENT_BYTES)) {
    super(place);
  }
}
registerShared(Event, 'threading', 'Event', localMemory, (place) => new Event(place));

/**
 * A lock between the threads of this program with a waiting room: `wait` releases the lock, blocks until another one
 * that holds it notifies (for `timeout` seconds at most), and acquires it again. Without the lock it is a
 * `RuntimeError`.
 *
 * Python: https://docs.python.org/3/library/threading.html#condition-objects
 */
export class Condition extends BaseCondition {
  /**
   * A new condition.
   * @param lock the lock to use, also as `{ lock }`; absent: a new `RLock`.
   * @throws TypeError it is not a lock that a condition of threading can use.
   */
  constructor(lock?: ExclusiveLock | ConditionOptions | null);
  /** @internal */
  constructor(place: Place, lock: ExclusiveLock | null);
  constructor(argument?: unknown, lock: ExclusiveLock | null = null) {
    if (argument instanceof Place) {
      super(argument, lock, (place) => new RLock(place));
      return;
    }
    const given = lockArgument(argument, 'local');
    super(Place.fresh(localMemory(), CONDITION_BYTES), given, (place) => new RLock(place));
  }
}
registerShared(
  Condition,
  'threading',
  'Condition',
  localMemory,
  (place, lock: ExclusiveLock | null) => new Condition(place, lock),
  (condition) => condition.foreignLock,
);

/**
 * A number of permits for the threads of this program: `acquire` takes one and blocks while there is none, for
 * `timeout` seconds at most; `release` gives some back. A permit has no owner: one that dies with it keeps it.
 *
 * Python: https://docs.python.org/3/library/threading.html#semaphore-objects
 */
export class Semaphore extends BaseSemaphore {
  /**
   * A new semaphore.
   * @param value permits at first, also as `{ value }`.
   * @throws ValueError it is negative.
   */
  constructor(value?: number | SemaphoreOptions);
  /** @internal */
  constructor(place: Place);
  constructor(argument: number | SemaphoreOptions | Place = 1) {
    super(
      argument instanceof Place
        ? argument
        : initialiseSemaphore(Place.fresh(localMemory(), SEMAPHORE_BYTES), argument, new.target.bounded),
    );
  }

  /** @internal Whether there may be no more permits than at first. */
  protected static readonly bounded: boolean = false;
}
registerShared(Semaphore, 'threading', 'Semaphore', localMemory, (place) => new Semaphore(place));

/**
 * A {@link Semaphore} that has never more permits than at first: releasing too often is a `ValueError`.
 *
 * Python: https://docs.python.org/3/library/threading.html#threading.BoundedSemaphore
 */
export class BoundedSemaphore extends Semaphore {
  protected static override readonly bounded = true;
}
registerShared(
  BoundedSemaphore,
  'threading',
  'BoundedSemaphore',
  localMemory,
  (place) => new BoundedSemaphore(place as never),
);

/**
 * A meeting point for a fixed number of parties, of the threads of this program: `wait` blocks until all are there.
 * When the `timeout` of one of them has passed (seconds), or one dies, it is broken: a `BrokenBarrierError` for all,
 * until `reset`.
 *
 * Python: https://docs.python.org/3/library/threading.html#barrier-objects
 */
export class Barrier extends BaseBarrier {
  /**
   * A new barrier.
   * @param parties how many have to come.
   * @param action called by exactly one party, the last to arrive, before any is released. It travels with the barrier.
   * @param timeout seconds that each `wait` waits at most if it is not told otherwise.
   * @throws ValueError `parties` is less than 1.
   */
  constructor(parties: number, action?: (() => unknown) | BarrierOptions | null, timeout?: number | null);
  constructor(options: BarrierOptions & { parties: number });
  /** @internal */
  constructor(place: Place, action: (() => unknown) | null, timeout: number | null);
  constructor(argument: unknown, action?: unknown, timeout?: unknown) {
    if (argument instanceof Place) {
      super(argument, action as (() => unknown) | null, timeout as number | null);
      return;
    }
    const given = barrierArguments(argument, action, timeout);
    super(initialiseBarrier(Place.fresh(localMemory(), BARRIER_BYTES), given.parties), given.action, given.timeout);
  }
}
registerShared(
  Barrier,
  'threading',
  'Barrier',
  localMemory,
  (place, [action, timeout]: [(() => unknown) | null, number | null]) => new Barrier(place, action, timeout),
  (barrier) => [barrier.action, barrier.timeout] as [(() => unknown) | null, number | null],
);

const factories = sharedFactories('threading', localMemory, (place) => new RLock(place));

/** A number, boolean or byte in shared memory, with a lock: `Value('i', 0)`. */
export const Value: ValueFactory = factories.Value;
/** A number, boolean or byte in shared memory, without a lock: `RawValue('d', 0.5)`. */
export const RawValue: RawValueFactory = factories.RawValue;
/** A typed array in shared memory, with a lock: `Array('i', 10)`, `Array('d', [0.5, 1])`. */
export const SharedArray: ArrayFactory = factories.Array;
/** A typed array in shared memory, without a lock. */
export const RawArray: RawArrayFactory = factories.RawArray;
export { SharedArray as Array };
