/** Waiting for what another thread comes to: its birth and its end. */

import { RuntimeError } from '../errors.ts';
import { localMemory } from '../memory/local-memory.ts';
import { type Contest, waitBlocking } from '../memory/wait.ts';
import { ENDED, FOREIGN_THREAD, NEW, STARTED, type ThreadRecord } from './record.ts';
import { threadHere } from './registry.ts';

/** Whether its end can be waited for here. @throws RuntimeError it cannot; `who` has asked. */
export function checkJoinable({ state, kind, place }: ThreadRecord, who: string): void {
  if (state === NEW) throw new RuntimeError(`${who}: the thread was not started; call start() first`);
  if (kind === FOREIGN_THREAD) throw new RuntimeError(`${who}: a dummy thread cannot be joined`);
  if (threadHere() === place.base) throw new RuntimeError(`${who}: a thread cannot join itself`);
}

/** Blocks until a thread that was started runs, or has ended before it could. */
export function awaitBirth(record: ThreadRecord): void {
  const born: Contest = {
    queue: record.ended,
    attempt: () => record.state !== STARTED,
    beat: () => record.endIfDead(),
    surplus: () => {},
  };
  waitBlocking(localMemory(), born, Number.POSITIVE_INFINITY);
}

/** Blocks until a thread has ended, in whatever way, or the time has passed. */
export function awaitEnd(record: ThreadRecord, milliseconds: number): void {
  if (record.endIfDead() || milliseconds <= 0) return;
  waitBlocking(localMemory(), ending(record), milliseconds);
}

/** What those wait for who wait for a thread's end. */
export function ending(record: ThreadRecord): Contest {
  return {
    queue: record.ended,
    attempt: () => record.state === ENDED,
    beat: () => record.endIfDead(),
    surplus: () => {},
  };
}
