/**
 * How futures travel: as the cell through which several threads know an outcome. A thread that has a future already, and
 * is sent it once more, gets the same one.
 */

import { PicklingError } from '../errors.ts';
import { localMemory } from '../memory/local-memory.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { type Reducer, registerReducer } from '../pickle/reducer.ts';
import { Future, STATE } from './future.ts';
import { cellAt, type FutureCell } from './future-cell.ts';

const attached = new WeakMap<FutureCell, Future>();

/** How futures of whatever class travel: each thread gets a plain one. */
export const futureReducer: Reducer<Future> = {
  tag: 'futures.Future',
  dump(future: Future, context): ['local' | 'system', number] {
    const known = future[STATE].kind;
    const kind = known ?? (context.scope === 'process' ? 'system' : 'local');
    if (kind === 'local' && context.scope === 'process') {
      throw new PicklingError(
        `${context.path()}: this Future exists in one process only and cannot be sent to another; ` +
          'send the result when it is there, or submit to a ProcessPoolExecutor',
      );
    }
    const memory = kind === 'local' ? localMemory() : systemMemory();
    const cell = future[STATE].share(memory);
    attached.set(cell, future);
    context.addReference(cell);
    return [kind, cell.place.base];
  },
  load([kind, payload]: ['local' | 'system', number]): Future {
    const memory = kind === 'local' ? localMemory() : systemMemory();
    const cell = cellAt(memory, payload);
    let future = attached.get(cell);
    if (future === undefined) {
      future = new Future();
      attached.set(cell, future);
      future[STATE].attach(cell);
    }
    return future;
  },
};

registerReducer(Future, futureReducer);
