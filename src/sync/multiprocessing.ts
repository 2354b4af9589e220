/**
 * The primitives of `multiprocessing`: the classes of this folder on the block that a family of processes shares.
 */

import { Place } from '../memory/handle.ts';
import { systemMemory } from '../memory/system-memory.ts';
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
  permitsOf,
  SEMAPHORE_BYTES,
  type SemaphoreOptions,
} from './semaphore.ts';

export { type DeadlockWait, detectDeadlocks } from './deadlock.ts';

/** {@inheritDoc BaseLock} */
export class Lock extends BaseLock {
  /** A new lock, free. */
  constructor();
  /** @internal */
  constructor(place: Place);
  constructor(place = Place.fresh(systemMemory(), LOCK_BYTES)) {
    super(place);
  }
}
registerShared(Lock, 'multiprocessing', 'Lock', systemMemory, (place) => new Lock(place));

/** {@inheritDoc BaseRLock} */
export class RLock extends BaseRLock {
  /** A new lock, free. */
  constructor();
  /** @internal */
  constructor(place: Place);
  constructor(place = Place.fresh(systemMemory(), RLOCK_WORDS * 4)) {
    super(place);
  }
}
registerShared(RLock, 'multiprocessing', 'RLock', systemMemory, (place) => new RLock(place));

/** {@inheritDoc BaseEvent} */
export class Event extends BaseEvent {
  /** A new event, not set. */
  constructor();
  /** @internal */
  constructor(place: Place);
  constructor(place = Place.fresh(systemMemory(), EVENT_BYTES)) {
    super(place);
  }
}
registerShared(Event, 'multiprocessing', 'Event', systemMemory, (place) => new Event(place));

/** {@inheritDoc BaseCondition} */
export class Condition extends BaseCondition {
  /**
   * A new condition.
   * @param lock the lock to use, also as `{ lock }`; absent: a new `RLock`.
   * @throws TypeError it is not a lock that a condition of multiprocessing can use.
   */
  constructor(lock?: ExclusiveLock | ConditionOptions | null);
  /** @internal */
  constructor(place: Place, lock: ExclusiveLock | null);
  constructor(argument?: unknown, lock: ExclusiveLock | null = null) {
    if (argument instanceof Place) {
      super(argument, lock, (place) => new RLock(place));
      return;
    }
    const given = lockArgument(argument, 'system');
    super(Place.fresh(systemMemory(), CONDITION_BYTES), given, (place) => new RLock(place));
  }
}
registerShared(
  Condition,
  'multiprocessing',
  'Condition',
  systemMemory,
  (place, lock: ExclusiveLock | null) => new Condition(place, lock),
  (condition) => condition.foreignLock,
);

/** {@inheritDoc BaseSemaphore} */
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
        : initialiseSemaphore(Place.fresh(systemMemory(), SEMAPHORE_BYTES), argument, new.target.bounded),
    );
  }

  /** The permits that are free just now. */
  getValue(): number {
    return permitsOf(this);
  }

  /** Whether no permit is free. */
  locked(): boolean {
    return permitsOf(this) === 0;
  }

  /** @internal Whether there may be no more permits than at first. */
  protected static readonly bounded: boolean = false;
}
registerShared(Semaphore, 'multiprocessing', 'Semaphore', systemMemory, (place) => new Semaphore(place));

/** A semaphore that has never more permits than at first: releasing too often is a `ValueError`. */
export class BoundedSemaphore extends Semaphore {
  protected static override readonly bounded = true;
}
registerShared(
  BoundedSemaphore,
  'multiprocessing',
  'BoundedSemaphore',
  systemMemory,
  (place) => new BoundedSemaphore(place as never),
);

/** {@inheritDoc BaseBarrier} */
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
    super(initialiseBarrier(Place.fresh(systemMemory(), BARRIER_BYTES), given.parties), given.action, given.timeout);
  }
}
registerShared(
  Barrier,
  'multiprocessing',
  'Barrier',
  systemMemory,
  (place, [action, timeout]: [(() => unknown) | null, number | null]) => new Barrier(place, action, timeout),
  (barrier) => [barrier.action, barrier.timeout] as [(() => unknown) | null, number | null],
);

const factories = sharedFactories('multiprocessing', systemMemory, (place) => new RLock(place));

/** A number, boolean or byte in shared memory, with a lock: `Value('i', 0)`. */
export const Value: ValueFactory = factories.Value;
/** A number, boolean or byte in shared memory, without a lock: `RawValue('d', 0.5)`. */
export const RawValue: RawValueFactory = factories.RawValue;
/** A typed array in shared memory, with a lock: `Array('i', 10)`, `Array('d', [0.5, 1])`. */
export const SharedArray: ArrayFactory = factories.Array;
/** A typed array in shared memory, without a lock. */
export const RawArray: RawArrayFactory = factories.RawArray;
export { SharedArray as Array };
