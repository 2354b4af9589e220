/**
 * The primitives of `threading`: the classes of this folder on the block that the threads of this program share.
 */

import { Place } from '../memory/handle.ts';
import { localMemory } from '../memory/local-memory.ts';
import { registerShared } from './bind.ts';
import { Event as BaseEvent, EVENT_BYTES } from './event.ts';
import { type ArrayFactory, type RawArrayFactory, type RawValueFactory, sharedFactories, type ValueFactory } from './factories.ts';
import { Lock as BaseLock, LOCK_BYTES } from './lock.ts';
import { RLock as BaseRLock, RLOCK_WORDS } from './rlock.ts';

/** {@inheritDoc BaseLock} */
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

/** {@inheritDoc BaseRLock} */
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

/** {@inheritDoc BaseEvent} */
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
