import { RuntimeError } from '../../errors.ts';
import { describe, toMilliseconds } from '../../sync/timeout.ts';
import type { Call, Methods } from '../call.ts';
import { lockMethods, type ManagedLock } from './lock.ts';
import { WaitingRoom } from './waiting-room.ts';

/** A condition of a server; see sync/condition.ts for what it does. */
export class ManagedCondition {
  readonly lock: ManagedLock;
  readonly #waiters = new WaitingRoom();

  constructor(lock: ManagedLock) {
    this.lock = lock;
  }

  async wait(call: Call, milliseconds: number): Promise<boolean> {
    this.#checkOwned(call, 'wait');
    const held = this.lock.releaseAll();
    try {
      return milliseconds > 0 && (await this.#waiters.enter(call, milliseconds, undefined));
    } finally {
      await this.lock.restore(call, held);
    }
  }

  notify(call: Call, n: number, method: string): void {
    this.#checkOwned(call, method);
    for (let i = 1; i <= n && this.#waiters.admit() !== undefined; i++);
  }

  #checkOwned(call: Call, method: string): void {
    if (this.lock.owns(call)) return;
    throw new RuntimeError(`Condition.${method}: the lock is not held; call it inside with(), withAsync() or hold()`);
  }
}

export const conditionMethods: Methods<ManagedCondition> = {
  acquire: ({ lock }, call, ...args) => lockMethods.acquire(lock, call, ...args),
  release: ({ lock }, call) => lock.release(call),
  locked: ({ lock }) => lock.locked,
  wait: (condition, call, timeout?: number | null) => condition.wait(call, toMilliseconds(timeout, 'Condition.wait')),
  notify(condition, call, n: unknown = 1) {
    if (typeof n !== 'number' || Number.isNaN(n)) {
      throw new TypeError(`Condition.notify: n must be a number, not ${describe(n)}`);
    }
    condition.notify(call, n, 'notify');
  },
  notifyAll: (condition, call) => condition.notify(call, Number.POSITIVE_INFINITY, 'notifyAll'),
};
