/** What a thread or process of a worker does with a task that came through Redis. */

import {
  dumps,
  dumpsError,
  importModules,
  importModuleTarget,
  isModuleTarget,
  loads,
  prepareLoader,
  type Relocation,
  registerClass,
  relocate,
} from '../pickle/index.ts';
import type { Target } from '../thread/target.ts';
import { checkSize } from './bullmq-envelope.ts';
import { CALL, type Mode } from './task-message.ts';
import { callEach } from './task-runner.ts';

/** A task whose seal was found good. */
export interface OpenedTask {
  fn: Uint8Array;
  /** Empty: there are none. */
  args: Uint8Array;
  mode: Mode;
  /** Where the sender has the project. */
  from: string;
  /** Where it is here. */
  to: string;
}

/** How a task has ended, pickled for its sender. */
export interface Ending {
  failed: boolean;
  bytes: Uint8Array;
}

const KEPT = 1000;
/** Functions that were received, by all that is known of them, the oldest thrown away when it is too much. */
const made = new Map<string, Target>();

/** Runs a task. It does not fail: what the task throws is an ending too. */
export async function runOpenedTask({ fn, args, mode, from, to }: OpenedTask): Promise<Ending> {
  const home: Relocation = { from: to, to: from };
  let failed = false;
  let value: unknown;
  try {
    await prepareLoader();
    const here: Relocation = { from, to };
    const target = await functionOf(fn, here);
    const list = args.length === 0 ? [] : ((await read(args, here)) as unknown[]);
    value = await (mode === CALL ? target(...list) : callEach(target, list, mode));
  } catch (error) {
    failed = true;
    value = error;
  }
  return endingOf(failed, value, home);
}

/** Pickles an ending; a result that cannot be sent is the error that says so. */
export function endingOf(failed: boolean, value: unknown, home: Relocation): Ending {
  if (!failed) {
    try {
      const { bytes } = dumps(value, { scope: 'cluster', root: 'result', relocation: home });
      checkSize(bytes.length, 'the result');
      return { failed, bytes: bytes.slice() };
    } catch (error) {
      value = error;
    }
  }
  return { failed: true, bytes: dumpsError(value, 'cluster', home).bytes.slice() };
}

async function functionOf(bytes: Uint8Array, here: Relocation): Promise<Target> {
  const key = `${here.from}\n${Buffer.from(bytes).toString('latin1')}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const found = await read(bytes, here);
  const target = (
    isModuleTarget(found)
      ? await importModuleTarget({ module: relocate(String(found.module), here), export: String(found.export) })
      : found
  ) as Target;
  if (made.size >= KEPT) made.delete(made.keys().next().value as string);
  made.set(key, target);
  return target;
}

async function read(bytes: Uint8Array, here: Relocation): Promise<unknown> {
  await importModules(bytes, 0, here);
  return loads(bytes, undefined, 0, here);
}

registerClass('bullmq:run', runOpenedTask as never);
