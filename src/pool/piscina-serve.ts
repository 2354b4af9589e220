/** What a worker of Piscina does with an order: the counterpart of serve.ts for workers that are not ours. */

import { inheritLocalMemory, localMemory } from '../memory/local-memory.ts';
import { prepareLoader } from '../pickle/index.ts';
import { importParcelValue } from '../queue/parcel.ts';
import type { Target } from '../thread/target.ts';
import { post, STARTED, shortMail } from './mail.ts';
import { enterHome, type PiscinaOrder } from './piscina-order.ts';
import { ReceivedFunctions } from './sent-function.ts';
import { settleTask } from './settle.ts';
import { clock, slot, TELL_START } from './slots.ts';
import { CALL } from './task-message.ts';
import { callEach } from './task-runner.ts';

let functions: ReceivedFunctions | null = null;

/**
 * Runs a task. What it gives or throws goes into the mailbox of who sent it.
 * @returns the number of this thread; a text says why it cannot run the task.
 */
export async function runPiscinaTask(order: PiscinaOrder): Promise<number | string> {
  if (order.block !== null) inheritLocalMemory(order.block);
  if (!enterHome(order.home)) {
    return (
      'this worker of Piscina has used threadwork before there was a PiscinaExecutor, and shares no memory with the ' +
      "program's other threads; make a Lock or another object of threadwork/threading before the pool"
    );
  }
  const memory = localMemory();
  const { threadId } = process.getBuiltinModule('node:worker_threads');
  const task = { slot: order.slot, mailbox: order.mailbox, use: order.use };
  // It may have been cancelled while it waited in Piscina's queue.
  if (slot.use(memory, task.slot) !== task.use || !slot.claim(memory, task.slot, task.use, 0)) return threadId;
  slot.start(memory, task.slot, clock());
  if ((slot.flags(memory, task.slot) & TELL_START) !== 0) {
    post(memory, task.mailbox, shortMail(memory, task.slot, task.use, STARTED));
  }
  let failed = false;
  let value: unknown;
  try {
    const target = await functionOf(order);
    const args = await argumentsOf(order);
    value = await (order.mode === CALL ? target(...args) : callEach(target, args, order.mode));
  } catch (error) {
    failed = true;
    value = error;
  }
  settleTask(memory, task, failed, value);
  return threadId;
}

async function functionOf({ function: number, parcel }: PiscinaOrder): Promise<Target> {
  functions ??= new ReceivedFunctions(localMemory());
  const known = functions.get(number);
  if (known !== undefined) return known;
  await prepareLoader();
  return functions.make(number, parcel);
}

async function argumentsOf({ args: parcel, moved }: PiscinaOrder): Promise<unknown[]> {
  const args = parcel === 0 ? [] : ((await importParcelValue(localMemory(), parcel)) as unknown[]);
  for (const { position, value, isBuffer } of moved ?? []) {
    args[position] = isBuffer ? bufferOver(value as Uint8Array) : value;
  }
  return args;
}

function bufferOver({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
