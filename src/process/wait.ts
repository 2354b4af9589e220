/** `connection.wait`: waiting for several things at once. */

import { fstatSync } from 'node:fs';
import { KeyError, OSError, ValueError } from '../errors.ts';
import { beginWait } from '../memory/flow.ts';
import { attendInterruptions } from '../memory/interruption.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { awaitTurn } from '../memory/wait.ts';
import type { Connection } from '../queue/connection.ts';
import { WAITABLE } from '../queue/connection.ts';
import { ownerOfDescriptor } from '../queue/ready-descriptor.ts';
import type { Waitable } from '../queue/waitable.ts';
import { type AsyncWaitSettings, asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { describe, toMilliseconds } from '../sync/timeout.ts';
import { descriptorWaitable } from './descriptor.ts';
import type { Sentinel } from './sentinel.ts';

/** A thread that blocks here looks up four times a second, for what nobody wakes it for: the dead. */
const SLICE = 250;

/** What can be waited for: an end of a pipe or a socket, a process's `sentinel`, a descriptor, or what has one. */
export type WaitObject = Connection | Sentinel | number | { fileno(): number };

/**
 * Blocks this thread until at least one of the objects is ready: something can be received from a connection, or its
 * other end is gone; the process of a sentinel has ended; a descriptor is readable.
 *
 * @param timeout seconds to wait at most; absent or `null`: for ever.
 * @returns those that are ready, in the order of the list; none when the time has passed. Of no objects none will ever
 *   be ready: then it returns at once (CPython waits).
 * @throws KeyError an object is in the list twice. @throws OSError a connection is closed or only sends, or there is no
 *   such descriptor.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.wait
 */
export function wait<T extends WaitObject>(objectList: Iterable<T>, timeout?: number | null): T[] {
  const objects = waitablesOf(objectList, 'wait');
  const deadline = performance.now() + toMilliseconds(timeout, 'wait');
  const memory = systemMemory();
  const descriptors = [...objects.values()].flatMap(({ descriptor }) => (descriptor ? [descriptor()] : []));
  const turns = new Map<Waitable, () => void>();
  let failure: { error: unknown } | null = null;
  try {
    for (;;) {
      attendInterruptions();
      const ready = readyOf(objects);
      const left = deadline - performance.now();
      if (ready.length > 0 || left <= 0 || objects.size === 0) return ready;
      let news = false;
      for (const waitable of objects.values()) {
        const contest = turns.has(waitable) ? undefined : waitable.contest?.();
        if (contest === undefined) continue;
        let standing = true;
        const giveUp = awaitTurn(
          memory,
          contest,
          () => {
            standing = false;
            news = turns.delete(waitable) || true;
            // It is left for whoever takes it first.
            contest.surplus(false);
          },
          (error) => {
            standing = false;
            failure = { error };
          },
        );
        if (standing) turns.set(waitable, giveUp);
      }
      if (!news) {
        const slice = Math.min(deadline - performance.now(), SLICE);
        if (memory.poll(descriptors, Math.max(slice, 0)).length === 0 && !news) memory.waiters.beat();
      }
      if (failure !== null) throw (failure as { error: unknown }).error;
    }
  } finally {
    for (const giveUp of turns.values()) giveUp();
  }
}

/**
 * {@link wait} while the event loop goes on.
 * @param options seconds to wait at most, or `{ timeout, signal }`.
 * @throws the signal's reason when it is aborted. And as {@link wait}.
 */
export async function waitAsync<T extends WaitObject>(
  objectList: Iterable<T>,
  options?: number | null | WaitAsyncOptions,
): Promise<T[]> {
  const settings = asyncWaitOf(options, 'waitAsync');
  beginWait(settings.signal);
  const objects = waitablesOf(objectList, 'waitAsync');
  const deadline = performance.now() + settings.milliseconds;
  for (;;) {
    const ready = readyOf(objects);
    const left = deadline - performance.now();
    if (ready.length > 0 || left <= 0 || objects.size === 0) return ready;
    await firstOf([...objects.values()], { milliseconds: left, signal: settings.signal });
  }
}

/** Waits until the first of them is ready or the time has passed; the others' waits are then ended. */
async function firstOf(waitables: Waitable[], { milliseconds, signal }: AsyncWaitSettings): Promise<void> {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const waits = waitables.map((waitable) => waitable.waitAsync({ milliseconds, signal: controller.signal }));
  try {
    await Promise.race(waits);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    controller.abort();
    await Promise.allSettled(waits);
  }
}

function readyOf<T>(objects: Map<T, Waitable>): T[] {
  return [...objects].flatMap(([object, waitable]) => (waitable.isReady() ? [object] : []));
}

function waitablesOf<T extends WaitObject>(objectList: Iterable<T>, who: string): Map<T, Waitable> {
  if (typeof objectList?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`${who}: needs a list of connections and sentinels, not ${describe(objectList)}`);
  }
  const objects = new Map<T, Waitable>();
  for (const object of objectList) {
    if (objects.has(object)) throw new KeyError(`${who}: ${describe(object)} is in the list twice`);
    objects.set(object, waitableOf(object, who));
  }
  return objects;
}

function waitableOf(object: WaitObject, who: string): Waitable {
  if (typeof object === 'object' && object !== null) {
    if (WAITABLE in object) return object[WAITABLE] as Waitable;
    if (typeof object.fileno === 'function') return waitableOf(object.fileno(), who);
  }
  if (typeof object !== 'number') {
    throw new TypeError(`${who}: can wait for connections, sentinels and descriptors, not for ${describe(object)}`);
  }
  if (!Number.isInteger(object) || object < 0) {
    throw new ValueError(`${who}: a descriptor is a non-negative integer, not ${object}`);
  }
  // This thread's event loop, which keeps the descriptor of an end of a pipe in step, stands still while we block.
  const owner = ownerOfDescriptor(object) as { [WAITABLE]: Waitable } | undefined;
  if (owner !== undefined) return owner[WAITABLE];
  try {
    fstatSync(object);
  } catch (error) {
    throw new OSError(`${who}: there is no descriptor ${object} in this process`, { cause: error });
  }
  return descriptorWaitable(object);
}
