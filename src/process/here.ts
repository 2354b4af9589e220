/** Which process this is, for all of its threads, what they are called, and what it owes its children when it ends. */

import { Place } from '../memory/handle.ts';
import { PROCESS_HERE, PROCESS_PARENT } from '../memory/layout.ts';
import { localMemory } from '../memory/local-memory.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { MAIN_THREAD } from '../thread/record.ts';
import { setChildNamer } from '../thread/report-name.ts';
import { whenThreadsHaveEnded } from '../thread/shutdown.ts';
import { awaitEnd, hasEnded, withChildren } from './children.ts';
import { dismissSpare } from './launch.ts';
import { newAuthkey, ProcessRecord } from './record.ts';

/** The record of this process; made on first use in the program's first one. */
export function processHere(): number {
  const w = localMemory().i32;
  const known = Atomics.load(w, PROCESS_HERE);
  if (known !== 0) return known;
  const place = ProcessRecord.create('MainProcess', false, '', newAuthkey());
  systemMemory().holdings.hold(place.base);
  const record = new ProcessRecord(place);
  record.claimStart();
  record.begin(process.pid, 0);
  const other = Atomics.compareExchange(w, PROCESS_HERE, 0, place.base);
  return other === 0 ? place.base : other;
}

/** This process was started as that one, by that parent. */
export function becomeProcess(record: number, parent: number): void {
  Atomics.store(localMemory().i32, PROCESS_HERE, record);
  Atomics.store(localMemory().i32, PROCESS_PARENT, parent);
}

/** The record of the process that started this one; 0 in the main process. */
export function parentHere(): number {
  return Atomics.load(localMemory().i32, PROCESS_PARENT);
}

/** In reports the name of a child process stands before that of a thread, or for its main thread. */
setChildNamer(({ name, kind }) => {
  const child = new ProcessRecord(placeOf(processHere())).name;
  return kind === MAIN_THREAD ? child : `${child}: ${name}`;
});

let installed = false;

/**
 * When the program ends, its daemonic children are ended and the others are waited for, after the threads and before
 * other listeners of `exit`, as in CPython.
 */
export function endWithProgram(): void {
  if (installed) return;
  installed = true;
  whenThreadsHaveEnded(() => {
    dismissSpare();
    withChildren((children) => {
      for (const child of children) if (child.endsWithParent) terminate(child);
      for (const child of children) awaitEnd(child, Number.POSITIVE_INFINITY);
    });
  });
}

function terminate(child: ProcessRecord): void {
  if (hasEnded(child)) return;
  try {
    process.kill(child.pid, 'SIGTERM');
  } catch {
    // It ended meanwhile.
  }
}

/** The place of a record of the system block. */
export function placeOf(record: number): Place {
  return new Place(systemMemory(), record);
}
