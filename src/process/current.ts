import type { Target } from '../thread/target.ts';
import { hasEnded, withChildren } from './children.ts';
import { parentHere, placeOf, processHere } from './here.ts';
import { type Process, processAt } from './process.ts';

/**
 * The process that runs this code.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.current_process
 */
export function currentProcess(): Process<Target> {
  return processAt(placeOf(processHere()));
}

/** The process that started this one; `null` in the main process. */
export function parentProcess(): Process<Target> | null {
  const parent = parentHere();
  return parent === 0 ? null : processAt(placeOf(parent));
}

/** The children of this process that run; notes which have ended. */
export function activeChildren(): Process<Target>[] {
  return withChildren((records) =>
    records.filter((record) => !hasEnded(record)).map((record) => processAt(record.place)),
  );
}

/** How many processors the machine has. `os.availableParallelism()` says how many this process may use. */
export function cpuCount(): number {
  return process.getBuiltinModule('node:os').cpus().length;
}

/** Does nothing: there are no frozen programs here. For scripts that come from Python. */
export function freezeSupport(): void {}
