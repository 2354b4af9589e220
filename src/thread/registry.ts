/** Which thread this is, and which others there are: the same answers in every thread of the program. */

import { isMainThread } from 'node:worker_threads';
import { Place } from '../memory/handle.ts';
import { NAME_COUNTER } from '../memory/layout.ts';
import { localMemory } from '../memory/local-memory.ts';
import { kernelThreadId } from '../memory/party.ts';
import { FOREIGN_THREAD, liveThreads, MAIN_THREAD, ThreadRecord } from './record.ts';

let here = 0;

/** The record of the thread that runs this code; made on first use for one that the library did not start. */
export function threadHere(): number {
  if (here === 0) here = isMainThread ? mainRecord() : foreignRecord();
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
  for (const place of liveThreads()) if (new ThreadRecord(place).kind === MAIN_THREAD) return place.base;
  return enter('MainThread', false, MAIN_THREAD, isMainThread ? localMemory().parties.self : 0, process.pid);
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

/** The places of all threads that live, the main one first. */
export function allThreads(): Place[] {
  const main = mainRecord();
  if (here === 0) threadHere();
  const others = liveThreads().filter((place) => place.base !== main && !new ThreadRecord(place).endIfDead());
  return [new Place(localMemory(), main), ...others];
}
