import type { ResourceLimits } from 'node:worker_threads';
import { AssertionError } from '../errors.ts';
import { Place } from '../memory/handle.ts';
import { localMemory } from '../memory/local-memory.ts';
import { functionName } from '../pickle/function-name.ts';
import { describe } from '../sync/timeout.ts';
import { MAIN_THREAD, ThreadRecord } from './record.ts';
import { nextThreadNumber, threadHere } from './registry.ts';
import { type Call, checkTarget, type ResolvedTarget, type Target } from './target.ts';

/** What a `Thread` is made of: settings, and the `target` with its `args` and `kwargs`. */
export type ThreadOptions<F extends Target = Target> = ThreadSettings & Call<F>;

/** What a `Thread` is made of, beside what it calls. */
export interface ThreadSettings {
  /** Always absent or `null`, as in Python. */
  group?: null;
  /** Its name; absent: `Thread-N (target)`. */
  name?: string | null;
  /** Whether the program may end before the thread; absent: as the creating thread. */
  daemon?: boolean | null;
  /** Limits of the thread's own engine (ours; see `Worker` in Node). */
  resourceLimits?: ResourceLimits;
}

/** Makes the record of a new thread, and checks what it is made of. @throws as the constructor of `Thread` */
export function createRecord(options: ThreadSettings & { target?: unknown }): Place {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`Thread: needs an options object such as { target, args }, not ${describe(options)}`);
  }
  if (options.group !== undefined && options.group !== null) {
    throw new AssertionError('Thread: group must be null; it is reserved, as in Python');
  }
  const { daemon } = options;
  if (daemon !== undefined && daemon !== null && typeof daemon !== 'boolean') {
    throw new TypeError(`Thread: daemon must be a boolean, not ${describe(daemon)}`);
  }
  const target = checkTarget(options.target, 'Thread');
  const name = options.name ?? defaultName(target);
  return ThreadRecord.create(String(name), daemon ?? inheritedDaemon());
}

function defaultName(target: ResolvedTarget): string {
  const number = nextThreadNumber();
  if (target === null) return `Thread-${number}`;
  return `Thread-${number} (${typeof target === 'function' ? functionName(target) : target.export})`;
}

function inheritedDaemon(): boolean {
  const here = new ThreadRecord(new Place(localMemory(), threadHere()));
  return here.kind !== MAIN_THREAD && here.daemon;
}
