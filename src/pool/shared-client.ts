/** Pools that are sent: to other threads, and those of processes to other processes. */

import { objectAt, Place } from '../memory/handle.ts';
import { localMemory } from '../memory/local-memory.ts';
import type { Memory } from '../memory/memory.ts';
import { systemMemory } from '../memory/system-memory.ts';
import type { DumpContext } from '../pickle/reducer.ts';
import { registerReducer } from '../pickle/reducer.ts';
import { CrewClient } from './client.ts';
import { Crew } from './crew.ts';
import { CrewLease } from './crew-lease.ts';
import type { CrewKind } from './setup.ts';

/** What travels of a pool. */
export interface SharedClient {
  memory: 'local' | 'system';
  crew: number;
  lease: number;
  kind: CrewKind;
}

/** Something that has a client. */
export interface HasClient {
  readonly [CLIENT]: CrewClient;
}

/** Under which symbol a pool has its client. */
export const CLIENT: unique symbol = Symbol('client');

/** This thread's pools, by what they hold. */
const known = new WeakMap<CrewLease, WeakRef<HasClient>>();

/** Notes a pool that was made here: when it comes back, it is the same object. */
export function rememberClient(pool: HasClient): void {
  known.set(pool[CLIENT].lease, new WeakRef(pool));
}

/** What is sent of a pool. Its workers are all started: who gets it cannot do so. */
export function shareClient(pool: HasClient, context: DumpContext): SharedClient {
  const client = pool[CLIENT];
  client.prepareToShare();
  context.addReference(client.crew);
  context.addReference(client.lease);
  const { place } = client.crew;
  return { memory: place.memory.kind, crew: place.base, lease: client.lease.place.base, kind: client.kind };
}

/** The pool of what has arrived. */
export function sharedClient<P extends HasClient>(make: new (client: CrewClient) => P, state: SharedClient): P {
  const memory = memoryOf(state.memory);
  const lease = objectAt(new Place(memory, state.lease), (place) => new CrewLease(place));
  const here = known.get(lease)?.deref();
  if (here !== undefined) return here as P;
  const crew = crewAt(state.memory, state.crew);
  const pool = new make(new CrewClient(crew, lease, state.kind, null));
  rememberClient(pool);
  return pool;
}

function crewAt(kind: 'local' | 'system', payload: number): Crew {
  return objectAt(new Place(memoryOf(kind), payload), (place) => new Crew(place));
}

/** A crew goes to its workers. */
registerReducer(Crew, {
  tag: 'futures.Crew',
  dump(crew: Crew, context): ['local' | 'system', number] {
    context.addReference(crew);
    return [crew.place.memory.kind, crew.place.base];
  },
  load: ([kind, payload]: ['local' | 'system', number]): Crew => crewAt(kind, payload),
});

/** The memory that the tasks of threads, or of processes, are in. */
function memoryOf(kind: 'local' | 'system'): Memory {
  return kind === 'local' ? localMemory() : systemMemory();
}
