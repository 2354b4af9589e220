/** Running tasks in a worker: their functions and arguments are read, called, and what comes of it goes back. */

import { importModules, namesModules } from '../pickle/index.ts';
import { discardMessage, type Message } from '../queue/message.ts';
import type { Target } from '../thread/target.ts';
import type { Crew } from './crew.ts';
import { loadAfter, pickledPart } from './framed.ts';
import type { WorkerHere } from './here.ts';
import { post, STARTED, shortMail } from './mail.ts';
import { ReceivedFunctions } from './sent-function.ts';
import { type Destination, destinationOf, settleTask } from './settle.ts';
import { clock, slot, TELL_START } from './slots.ts';
import { CALL, EACH, type Mode, TASK_HEADER_BYTES, TaskHeader } from './task-message.ts';
import { forgetTaskSignal } from './task-signal.ts';
import type { WorkerRecord } from './worker-record.ts';

/** Runs the tasks of one worker, one at a time. */
export class TaskRunner {
  readonly #here: WorkerHere;
  readonly #crew: Crew;
  readonly #record: WorkerRecord;
  readonly #functions: ReceivedFunctions;
  readonly #maxTasks: number;
  /** How many it has been given. */
  count = 0;

  /** `maxTasks`: how many it will be given, 0: any number. */
  constructor(here: WorkerHere, maxTasks: number) {
    this.#here = here;
    this.#crew = here.crew;
    this.#record = here.record;
    this.#functions = new ReceivedFunctions(here.crew.memory);
    this.#maxTasks = maxTasks;
  }

  /** Runs a task; null if it has ended already. */
  start(message: Message): Promise<void> | null {
    this.count++;
    const header = new TaskHeader(message);
    const target = this.#functions.get(header.function);
    const { bytes, start } = pickledPart(TASK_HEADER_BYTES, message);
    const isEmpty = bytes.length === start;
    if (target === undefined || (!isEmpty && namesModules(bytes, start))) return this.#startSlowly(message, header);
    return this.#call(message, header, target, isEmpty);
  }

  async #startSlowly(message: Message, header: TaskHeader): Promise<void> {
    const task = destinationOf(header);
    const { bytes, start } = pickledPart(TASK_HEADER_BYTES, message);
    const isEmpty = bytes.length === start;
    let target: Target;
    try {
      target = this.#functions.get(header.function) ?? (await this.#functions.make(header.function, header.parcel));
      if (!isEmpty) await importModules(bytes, start);
    } catch (error) {
      discardMessage(message);
      this.#begin(task);
      this.#end(task, true, error);
      return;
    }
    await this.#call(message, header, target, isEmpty);
  }

  #call(message: Message, header: TaskHeader, target: Target, isEmpty: boolean): Promise<void> | null {
    const task = destinationOf(header);
    const { mode } = header;
    let args: unknown[];
    this.#begin(task);
    try {
      args = isEmpty ? [] : (loadAfter(TASK_HEADER_BYTES, message) as unknown[]);
    } catch (error) {
      discardMessage(message);
      this.#end(task, true, error);
      return null;
    }
    discardMessage(message);
    let result: unknown;
    try {
      result = mode === CALL ? target(...args) : callEach(target, args, mode);
    } catch (error) {
      this.#end(task, true, error);
      return null;
    }
    if (isThenable(result)) {
      return Promise.resolve(result).then(
        (value) => this.#end(task, false, value),
        (error) => this.#end(task, true, error),
      );
    }
    this.#end(task, false, result);
    return null;
  }

  #begin(task: Destination): void {
    const { memory } = this.#crew;
    slot.start(memory, task.slot, clock());
    this.#here.task = task;
    if ((slot.flags(memory, task.slot) & TELL_START) !== 0) {
      post(memory, task.mailbox, shortMail(memory, task.slot, task.use, STARTED));
    }
  }

  #end(task: Destination, failed: boolean, value: unknown): void {
    const crew = this.#crew;
    this.#here.task = null;
    forgetTaskSignal();
    // Who gets this result may submit the next task at once, and should see that somebody is free.
    if (crew.tasks.length === 0 && this.count !== this.#maxTasks) crew.workers.countIdle(this.#record, true);
    settleTask(crew.memory, task, failed, value);
    this.#record.clearTask();
  }
}

/** One call for each; one that gives a promise is waited for before the next begins. */
export function callEach(target: Target, items: unknown[], mode: Mode): unknown[] | Promise<unknown[]> {
  const results: unknown[] = [];
  for (let i = 0; i < items.length; i++) {
    const result = mode === EACH ? target(items[i]) : target(...(items[i] as unknown[]));
    if (isThenable(result)) return callEachAsync(target, items, mode, results, result);
    results.push(result);
  }
  return results;
}

async function callEachAsync(
  target: Target,
  items: unknown[],
  mode: Mode,
  results: unknown[],
  first: PromiseLike<unknown>,
): Promise<unknown[]> {
  results.push(await first);
  for (let i = results.length; i < items.length; i++) {
    results.push(await (mode === EACH ? target(items[i]) : target(...(items[i] as unknown[]))));
  }
  return results;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function';
}
