import { RuntimeError } from '../errors.ts';
import { outsideFlows } from '../memory/flow.ts';
import type { Memory } from '../memory/memory.ts';
import { type Contest, waitAsync } from '../memory/wait.ts';
import { parcelValue } from '../queue/parcel.ts';
import { workerHere } from './here.ts';
import type { Destination } from './settle.ts';
import { slot } from './slots.ts';
import type { WorkerRecord } from './worker-record.ts';

let current: { task: Destination; controller: AbortController } | null = null;

/**
 * In a task: the signal that tells it to stop, because the caller's signal was aborted or its time is over. `aborted`
 * looks into shared memory, so that a busy loop sees it too; for `fetch`, timers and streams it is an ordinary
 * `AbortSignal`. A task that goes on for a second after that is stopped with its worker.
 *
 * @throws RuntimeError no task of a pool or executor runs here.
 */
export function taskSignal(): AbortSignal {
  const here = workerHere();
  if (here === null || here.task === null) {
    throw new RuntimeError('taskSignal: no task of a pool or an executor runs here; call it inside the task');
  }
  if (current?.task === here.task) return current.controller.signal;
  const { task } = here;
  const { memory } = here.crew;
  const controller = new AbortController();
  const { signal } = controller;
  const asked = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')?.get as (
    this: AbortSignal,
  ) => boolean;
  const look = (): boolean => {
    const parcel = slot.use(memory, task.slot) === task.use ? slot.abort(memory, task.slot) : 0;
    if (parcel !== 0 && !asked.call(signal)) controller.abort(parcelValue(memory, parcel));
    return asked.call(signal);
  };
  Object.defineProperty(signal, 'aborted', { get: look, configurable: true });
  Object.defineProperty(signal, 'throwIfAborted', {
    value() {
      if (look()) throw signal.reason;
    },
    configurable: true,
  });
  current = { task, controller };
  const contest = orders(memory, here.record, task, look);
  void outsideFlows(() => waitAsync(memory, contest, { ref: false }));
  return signal;
}

/** The task has ended: what is left of its signal does nothing any more. */
export function forgetTaskSignal(): void {
  current = null;
}

function orders(memory: Memory, record: WorkerRecord, task: Destination, look: () => boolean): Contest {
  const isOver = (): boolean => workerHere()?.task !== task || slot.use(memory, task.slot) !== task.use;
  const attempt = (): boolean => isOver() || look();
  return { queue: record.orders, attempt, beat: attempt, surplus: () => {} };
}
