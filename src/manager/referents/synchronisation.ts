/** Semaphores, events, barriers and queues of a server: those of `threading` and `queue`, called without blocking. */

import { queueWaitOf } from '../../queue/queue-options.ts';
import type { Queue } from '../../queue/threading.ts';
import { acquireMilliseconds } from '../../sync/lockable.ts';
import type { Barrier, Event, Semaphore } from '../../sync/threading.ts';
import { toMilliseconds } from '../../sync/timeout.ts';
import { CallerGone, type Methods } from '../call.ts';

export const semaphoreMethods: Methods<Semaphore> = {
  acquire(semaphore, call, blocking = true, timeout?: number | null) {
    const milliseconds = acquireMilliseconds(blocking, timeout, 'Semaphore.acquire');
    if (semaphore.acquire(false)) return true;
    if (milliseconds <= 0) return false;
    return semaphore.acquireAsync({ signal: call.signal, timeout: secondsOf(milliseconds) });
  },
  release: (semaphore, _call, n = 1) => semaphore.release(n),
};

export const eventMethods: Methods<Event> = {
  isSet: (event) => event.isSet(),
  set: (event) => event.set(),
  clear: (event) => event.clear(),
  wait(event, call, timeout?: number | null) {
    const milliseconds = toMilliseconds(timeout, 'Event.wait');
    if (event.isSet()) return true;
    if (milliseconds <= 0) return false;
    return event.waitAsync({ signal: call.signal, timeout: secondsOf(milliseconds) });
  },
};

export const barrierMethods: Methods<Barrier> = {
  async wait(barrier, call, timeout?: number | null) {
    try {
      return await barrier.waitAsync({ signal: call.signal, timeout });
    } catch (error) {
      // Who gives up is not counted any more; without who has died, the others would wait for ever.
      if (call.signal.reason instanceof CallerGone) barrier.abort();
      throw error;
    }
  },
  abort: (barrier) => barrier.abort(),
  reset: (barrier) => barrier.reset(),
  parties: (barrier) => barrier.parties,
  nWaiting: (barrier) => barrier.nWaiting,
  broken: (barrier) => barrier.broken,
};

export const queueMethods: Methods<Queue> = {
  put(queue, call, item: unknown, block: boolean | object = true, timeout?: number | null) {
    const { milliseconds } = queueWaitOf(block, timeout, 'put', queue.maxsize > 0 ? 'refuse' : 'poll');
    if (milliseconds <= 0 || !queue.full()) return queue.put(item, false);
    return queue.putAsync(item, { signal: call.signal, timeout: secondsOf(milliseconds) });
  },
  get(queue, call, block: boolean | object = true, timeout?: number | null) {
    const { milliseconds } = queueWaitOf(block, timeout, 'get', 'refuse');
    if (milliseconds <= 0 || !queue.empty()) return queue.get(false);
    return queue.getAsync({ signal: call.signal, timeout: secondsOf(milliseconds) });
  },
  qsize: (queue) => queue.qsize(),
  empty: (queue) => queue.empty(),
  full: (queue) => queue.full(),
  taskDone: (queue) => queue.taskDone(),
  join: (queue, call, timeout?: number | null) => queue.joinAsync({ signal: call.signal, timeout }),
  shutdown: (queue, _call, immediate = false) => queue.shutdown(immediate),
};

function secondsOf(milliseconds: number): number | null {
  return milliseconds === Number.POSITIVE_INFINITY ? null : milliseconds / 1000;
}
