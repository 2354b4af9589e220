/** How a thread is called in reports. */

import { Place } from '../memory/handle.ts';
import { PROCESS_PARENT } from '../memory/layout.ts';
import { localMemory } from '../memory/local-memory.ts';
import { findInParts } from '../memory/parts.ts';
import { setThreadNamer } from '../sync/call-site.ts';
import { ThreadRecord } from './record.ts';
import { threadHere } from './registry.ts';

let inChild: ((thread: ThreadRecord) => string) | undefined;

/** Sets how a thread of a child process is called. */
export function setChildNamer(namer: (thread: ThreadRecord) => string): void {
  inChild = namer;
}

setThreadNamer(() => {
  const thread = new ThreadRecord(new Place(localMemory(), threadHere()));
  if (Atomics.load(localMemory().i32, PROCESS_PARENT) === 0) return thread.name;
  return findInParts(() => inChild)?.(thread) ?? thread.name;
});
