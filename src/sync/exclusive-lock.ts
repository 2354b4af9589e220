import { Lockable } from './lockable.ts';

/**
 * A lock that can be under a {@link Condition}: a `Lock` or an `RLock`. What a condition needs beyond acquiring and
 * releasing are the counterparts of CPython's `_is_owned`, `_release_save` and `_acquire_restore`.
 */
export abstract class ExclusiveLock extends Lockable {
  /** Whether the lock is held, by whomever. */
  abstract locked(): boolean;

  /** @internal Whether the caller may use a condition: it owns the lock (a plain lock knows only that it is held). */
  abstract isOwned(): boolean;
  /** @internal Gives up every level of the lock; what is returned restores them. */
  abstract releaseAll(): HeldState;
  /** @internal Acquires for as long as it takes, and restores the levels. */
  abstract restore(state: HeldState): void;
  /** @internal The same while the event loop goes on. */
  abstract restoreAsync(state: HeldState): Promise<void>;
}

/** How often a lock was held, and by which flow. */
export interface HeldState {
  readonly depth: number;
  readonly flow: number;
}
