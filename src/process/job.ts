/** What a process has to do, and how that gets there. */

import type { SharedObject } from '../memory/handle.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { mainModule } from '../pickle/index.ts';
import { packParcel } from '../queue/parcel.ts';
import { checkArguments, checkKwargs, checkTarget, type ResolvedTarget } from '../thread/target.ts';
import { logSettings } from './logger.ts';

/** What a process calls: its target, with what it gives that. */
export interface Work {
  target: ResolvedTarget;
  args: readonly unknown[];
  kwargs: object | null;
}

/** A process object, for the process that it stands for. */
interface Runnable {
  adopt(job: ProcessJob): void;
  run(): unknown;
}

/** What a process finds to do: it travels as one message. */
export interface ProcessJob extends Work {
  process: Runnable;
  parent: SharedObject;
  /** The main module of the program, its arguments and where it runs. */
  main: string | null;
  argv: string[];
  cwd: string;
  /** How the parent logs. */
  log: ReturnType<typeof logSettings>;
}

/** It calls nothing, as far as is known here. */
export const NO_WORK: Work = { target: null, args: [], kwargs: null };

/** Checks it. @throws TypeError, FileNotFoundError */
export function checkWork(options: { target?: unknown; args?: unknown; kwargs?: unknown }): Work {
  return {
    target: checkTarget(options.target, 'Process'),
    args: checkArguments(options.args, 'Process'),
    kwargs: checkKwargs(options.kwargs, 'Process'),
  };
}

/**
 * Packs a job: the work, with what the child takes over from this process.
 * @throws PicklingError something in it cannot be sent; `who` sends it
 */
export function packJob(child: Runnable, parent: SharedObject, { target, args, kwargs }: Work, who: string): number {
  const job: ProcessJob = {
    process: child,
    parent,
    target,
    args,
    kwargs,
    main: mainModule(),
    argv: process.argv,
    cwd: process.cwd(),
    log: logSettings(),
  };
  return packParcel(systemMemory(), job, 'process', who);
}
