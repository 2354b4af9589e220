/** Which thread this is, and which others there are: the same answers in every thread of the program. */

import { NAME_COUNTER } from '../memory/layout.ts';
import { localMemory } from '../memory/local-memory.ts';
import { kernelThreadId } from '../memory/party.ts';
import { isMainThread } from '../memory/role.ts';
import { FOREIGN_THREAD, MAIN_THREAD, ThreadRecord, withThreads } from './record.ts';

let here = 0;

/** The record of the thread that runs this code; made on first use for one that the library did not start. */
export function threadHere(): number {
  if (here === 0) here = isMainThread() ? mainRecord() : foreignRecord();
  return here;
}

/** This worker runs another thread from now on. */
export function becomeThread(record: number): void {
  here = record;
}

/** The N of the next `Thread-N`. */
export function nextThreadNumber(): number {
  return Atomics.add(localMemory().i32, NAME_COUNTER, 1) + 1;
}

/** The record of the main thread. */
export function mainRecord(): number {
  const known = withThreads((threads) => threads.find((thread) => thread.kind === MAIN_THREAD));
  if (known !== undefined) return known.place.base;
  return enter('MainThread', false, MAIN_THREAD, isMainThread() ? localMemory().parties.self : 0, process.pid);
}

function foreignRecord(): number {
  const { self } = localMemory().parties;
  return enter(`Dummy-${nextThreadNumber()}`, true, FOREIGN_THREAD, self, kernelThreadId());
}

function enter(name: string, daemon: boolean, kind: number, party: number, native: number): number {
  const place = ThreadRecord.create(name, daemon);
  const record = new ThreadRecord(place);
  record.claimStart();
  record.enlist(0, kind);
  record.begin(party, native);
  return place.base;
}

/** Does something with all threads that live, the main one first. */
export function withAllThreads<R>(use: (threads: ThreadRecord[]) => R): R {
  mainRecord();
  threadHere();
  return withThreads((threads) => {
    const isMain = (thread: ThreadRecord): boolean => thread.kind === MAIN_THREAD;
    const others = threads.filter((thread) => !isMain(thread) && !thread.endIfDead());
    return use([...threads.filter(isMain), ...others]);
  });
}
