/**
 * Locks of a server. They are held by a thread of some program, or by one flow of it (sync/flow.ts); the server is
 * told when that thread ends. A lock that it held then is free again, and the next `acquire` throws, once.
 */

import { OwnerDiedError, RuntimeError } from '../../errors.ts';
import { acquireMilliseconds } from '../../sync/lockable.ts';
import type { Call, Methods, Session } from '../call.ts';
import { WaitingRoom } from './waiting-room.ts';

interface Owner {
  readonly session: Session;
  readonly flow: number;
  /** It has to have the lock, whatever comes: a condition's wait is over. */
  readonly restores?: boolean;
}

export class ManagedLock {
  /** `Lock` or `RLock`. */
  readonly name: 'Lock' | 'RLock';
  #owner: Owner | null = null;
  #depth = 0;
  /** Who ended while it held the lock; nobody has been told yet. */
  #dead: string | null = null;
  readonly #waiters = new WaitingRoom<Owner>();

  constructor(name: 'Lock' | 'RLock') {
    this.name = name;
  }

  get locked(): boolean {
    return this.#owner !== null;
  }

  /** Takes the lock for the caller; a promise when it has to wait. @throws OwnerDiedError */
  acquire(call: Call, milliseconds: number): boolean | Promise<boolean> {
    if (this.name === 'RLock' && this.#owner !== null && this.#isSame(call)) {
      this.#depth++;
      return true;
    }
    if (this.#owner === null) {
      this.#tell();
      this.#give(call);
      return true;
    }
    if (milliseconds <= 0) return false;
    return this.#waiters.enter(call, milliseconds, { session: call.session, flow: call.flow, restores: false });
  }

  /** @throws RuntimeError it is not held, or not by the caller */
  release(call: Call, method = 'release'): void {
    if (this.#owner === null) {
      throw new RuntimeError(`${this.name}.${method}: the lock is not held; call acquire() first, and release() once`);
    }
    if (this.name === 'RLock' && !this.owns(call)) {
      throw new RuntimeError(
        `${this.name}.${method}: the lock is not held by this thread or flow, but by ${this.#owner.session.label}; ` +
          'only who acquired it can release it',
      );
    }
    if (--this.#depth > 0) return;
    this.#pass();
  }

  /** Whether the caller may release it: a plain lock knows only that it is held. */
  owns(call: Call): boolean {
    if (this.#owner === null) return false;
    if (this.name === 'Lock') return true;
    const { session, flow } = this.#owner;
    return session === call.session && (flow < 0 || flow === call.flow);
  }

  /** Gives up every level of the lock; what is returned restores them. */
  releaseAll(): { depth: number; flow: number } {
    const state = { depth: this.#depth, flow: (this.#owner as Owner).flow };
    this.#pass();
    return state;
  }

  /** Takes the lock again after {@link releaseAll}, as long as that takes. */
  async restore(call: Call, { depth, flow }: { depth: number; flow: number }): Promise<void> {
    const owner: Owner = { session: call.session, flow, restores: true };
    const gone = sessionEnd(call.session);
    gone.throwIfAborted();
    if (this.#owner === null) {
      this.#give(owner);
    } else {
      // An abort must not end this wait: its caller has to have the lock. Only the end of its thread does.
      await this.#waiters.enter({ signal: gone }, Number.POSITIVE_INFINITY, owner);
    }
    this.#depth = depth;
    this.#tell();
  }

  /** The thread that holds the lock is gone. */
  ownerGone(session: Session): void {
    if (this.#owner?.session !== session) return;
    this.#dead = session.label;
    this.#owner = null;
    this.#depth = 0;
    // One that restores the lock gets it, and is told then.
    if (this.#waiters.first?.restores === false) this.#waiters.fail(this.#death());
    this.#pass();
  }

  #isSame(call: Call): boolean {
    return this.#owner?.session === call.session && this.#owner.flow === call.flow;
  }

  #give({ session, flow }: Owner): void {
    this.#owner = { session, flow };
    this.#depth = 1;
    session.locks.add(this);
  }

  /** The lock goes to the first that waits. */
  #pass(): void {
    this.#owner?.session.locks.delete(this);
    this.#owner = null;
    this.#depth = 0;
    const next = this.#waiters.admit();
    if (next !== undefined) this.#give(next.what);
  }

  #tell(): void {
    if (this.#dead !== null) throw this.#death();
  }

  #death(): OwnerDiedError {
    const who = this.#dead;
    this.#dead = null;
    return new OwnerDiedError(
      `${this.name}.acquire: ${who} ended while it held the lock of the manager; what the lock guards may be half ` +
        'done. The lock is free now: acquire it again to go on',
    );
  }
}

const ends = new WeakMap<Session, AbortController>();

function endOf(session: Session): AbortController {
  let controller = ends.get(session);
  if (controller === undefined) {
    controller = new AbortController();
    ends.set(session, controller);
  }
  return controller;
}

/** Aborted when the thread is gone. */
function sessionEnd(session: Session): AbortSignal {
  return endOf(session).signal;
}

/** Ends what the thread had begun with locks; it is gone. */
export function endOfSession(session: Session): void {
  endOf(session).abort(new OwnerDiedError('the caller is gone'));
  for (const lock of [...session.locks]) lock.ownerGone(session);
  session.locks.clear();
}

export const lockMethods: Methods<ManagedLock> = {
  acquire: (lock, call, blocking = true, timeout?: number | null) =>
    lock.acquire(call, acquireMilliseconds(blocking, timeout, `${lock.name}.acquire`)),
  release: (lock, call) => lock.release(call),
  locked: (lock) => lock.locked,
};
