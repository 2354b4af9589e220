import { AssertionError } from '../errors.ts';
import { Place } from '../memory/handle.ts';
import { PROCESS_NAME_COUNTER } from '../memory/layout.ts';
import { localMemory } from '../memory/local-memory.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { describe } from '../sync/timeout.ts';
import { type Call, checkTarget, type Target } from '../thread/target.ts';
import { processHere } from './here.ts';
import { ProcessRecord } from './record.ts';

/** What a `Process` is made of: settings, and the `target` with its `args` and `kwargs`. */
export type ProcessOptions<F extends Target = Target> = ProcessSettings & Call<F>;

/** What a `Process` is made of, beside what it calls. */
export interface ProcessSettings {
  /** Always absent or `null`, as in Python. */
  group?: null;
  /** Its name; absent: `Process-N`. */
  name?: string | null;
  /** Whether it ends with its parent; absent: as the process that makes it. */
  daemon?: boolean | null;
}

/** Makes the record of a new process, and checks what it is made of. @throws as the constructor of `Process` */
export function createRecord(options: ProcessSettings & { target?: unknown }): Place {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`Process: needs an options object such as { target, args }, not ${describe(options)}`);
  }
  if (options.group !== undefined && options.group !== null) {
    throw new AssertionError('Process: group must be null; it is reserved, as in Python');
  }
  const { daemon, name } = options;
  if (daemon !== undefined && daemon !== null && typeof daemon !== 'boolean') {
    throw new TypeError(`Process: daemon must be a boolean, not ${describe(daemon)}`);
  }
  if (name !== undefined && name !== null && typeof name !== 'string') {
    throw new TypeError(`Process: name must be a string, not ${describe(name)}`);
  }
  checkTarget(options.target, 'Process');
  const here = new ProcessRecord(new Place(systemMemory(), processHere()));
  const number = Atomics.add(localMemory().i32, PROCESS_NAME_COUNTER, 1) + 1;
  const identity = here.identity === '' ? `${number}` : `${here.identity}:${number}`;
  return ProcessRecord.create(name ?? `Process-${identity}`, daemon ?? here.daemon, identity, here.authkey);
}
