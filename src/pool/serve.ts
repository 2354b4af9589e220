/**
 * The life of a worker: it takes tasks from its crew's queue and runs them, one at a time, until the crew is closed.
 *
 * A worker that finds no task spins a little, gives its event loop a turn, and then sleeps: blocking if its event loop
 * has nothing to do, without blocking if tasks have left timers or sockets behind, which go on running.
 */

import { inspect } from 'node:util';
import { spinFor } from '../memory/spin.ts';
import { type Contest, waitAsync, waitBlocking } from '../memory/wait.ts';
import { importModules, namesModules, registerClass } from '../pickle/index.ts';
import { discardMessage, type Message } from '../queue/message.ts';
import { callTarget, type Target } from '../thread/target.ts';
import type { Crew } from './crew.ts';
import { OPEN } from './crew-layout.ts';
import { loadAfter, pickledPart } from './framed.ts';
import { becomeWorker, type WorkerHere } from './here.ts';
import { post, STARTED, shortMail } from './mail.ts';
import { ReceivedFunctions } from './sent-function.ts';
import { breakDown, type Destination, destinationOf, settleLeftTask, settleTask } from './settle.ts';
import { breaksWithWorker, errorOfEnding, readSetup, type Setup } from './setup.ts';
import { clock, slot, TELL_START } from './slots.ts';
import { CALL, EACH, type Mode, TASK_HEADER_BYTES, TaskHeader } from './task-message.ts';
import { forgetTaskSignal } from './task-signal.ts';
import { WorkerRecord } from './worker-record.ts';

/** For how long a worker runs one task after the other before its event loop has a turn, if it has anything to do. */
const TURN_MILLISECONDS = 10;

/** A task that comes within this time of the last one is one of a quick succession. */
const QUICK_MILLISECONDS = 0.2;

/** The timers that keep a worker alive while a task awaits the result of another one. */
const OWN_TIMERS = 2;

/** Runs a worker in this thread, to its end. */
export async function serve(crew: Crew, record: number): Promise<void> {
  await new Server(crew, new WorkerRecord(crew.memory, record)).run();
}
registerClass('futures:serve', serve);

class Server {
  readonly #crew: Crew;
  readonly #record: WorkerRecord;
  readonly #here: WorkerHere;
  readonly #functions: ReceivedFunctions;
  #setup!: Setup;
  #run = 0;
  #lastTurn = 0;
  #tasksComeQuickly = false;
  /** What keeps this event loop alive before any task has run. */
  #idleResources = 0;

  constructor(crew: Crew, record: WorkerRecord) {
    this.#crew = crew;
    this.#record = record;
    this.#here = { crew, record, task: null, isStuck: () => this.#resources() <= this.#idleResources + OWN_TIMERS };
    this.#functions = new ReceivedFunctions(crew.memory);
  }

  async run(): Promise<void> {
    const said = this.#tellEnding();
    try {
      becomeWorker(this.#here);
      this.#setup = await readSetup(this.#crew.memory, this.#crew.setup);
      if (!(await this.#initialise())) return;
      this.#record.begin();
      await this.#serve();
    } finally {
      becomeWorker(null);
      said();
      if (this.#record.end()) this.#crew.tellChange();
    }
    // What tasks have left running ends with the worker.
    if (this.#resources() > this.#idleResources) process.exit(0);
  }

  async #initialise(): Promise<boolean> {
    try {
      await callTarget(this.#setup.initializer, this.#setup.initargs, null);
      return true;
    } catch (error) {
      const { kind } = this.#setup;
      const broken = errorOfEnding(kind, `the initializer of the ${kind} failed: ${textOf(error)}`, error);
      breakDown(this.#crew, broken, this.#record);
      return false;
    }
  }

  async #serve(): Promise<void> {
    await turn();
    this.#idleResources = this.#resources();
    this.#lastTurn = performance.now();
    const { maxTasks } = this.#setup;
    while (maxTasks === 0 || this.#run < maxTasks) {
      const task = this.#crew.take(this.#record) ?? (await this.#next());
      if (task === null) return;
      this.#crew.workers.countIdle(this.#record, false);
      this.#run++;
      const running = this.#start(task);
      if (running !== null) await this.#stayFor(running);
      if (performance.now() - this.#lastTurn > TURN_MILLISECONDS) {
        if (this.#resources() > this.#idleResources) await turn();
        this.#lastTurn = performance.now();
      }
    }
  }

  /** Waits for a task that goes on; what it waits for itself may not keep this event loop alive. */
  async #stayFor(running: Promise<void>): Promise<void> {
    const reason = setInterval(() => {}, 0x7fff_ffff);
    await running;
    clearInterval(reason);
  }

  /** Waits for a task; null if there will be none any more. */
  async #next(): Promise<Message | null> {
    const crew = this.#crew;
    const { memory } = crew;
    const isOver = (): boolean => crew.state !== OPEN || this.#record.stopped;
    const isSomething = (): boolean => crew.tasks.length > 0 || isOver();
    const milliseconds = (this.#setup.idleTimeout ?? Number.POSITIVE_INFINITY) * 1000;
    const idleSince = performance.now();
    for (;;) {
      crew.workers.countIdle(this.#record, true);
      let came = this.#spin(isSomething, idleSince);
      if (!came) {
        await turn();
        this.#lastTurn = performance.now();
        came = isSomething();
      }
      const left = milliseconds - (performance.now() - idleSince);
      if (!came && left > 0) {
        const contest: Contest = {
          queue: crew.idlers,
          attempt: isSomething,
          surplus: () => {
            if (isSomething()) crew.idlers.wake(1);
          },
        };
        if (this.#resources() <= this.#idleResources) came = waitBlocking(memory, contest, left);
        else came = await waitAsync(memory, contest, { milliseconds: left });
      }
      const ends = isOver() || !came;
      // Who puts a task in just now must not take this worker for one that waits: it looks once more after it says so.
      if (ends) crew.workers.countIdle(this.#record, false);
      const task = crew.take(this.#record);
      if (task !== null) {
        this.#tasksComeQuickly = performance.now() - idleSince < QUICK_MILLISECONDS;
        return task;
      }
      if (ends) return null;
    }
  }

  /**
   * A caller that waits for each result before it submits the next task comes back within a few microseconds if nobody
   * sleeps, and after a hundred if somebody has to be woken. Where the last task came soon, it is worth waiting for.
   */
  #spin(isSomething: () => boolean, since: number): boolean {
    const { memory } = this.#crew;
    const deadline = since + (this.#tasksComeQuickly ? QUICK_MILLISECONDS : 0);
    do {
      if (spinFor(memory, isSomething)) return true;
    } while (performance.now() < deadline);
    return false;
  }

  /** Runs a task; null if it has ended already. */
  #start(message: Message): Promise<void> | null {
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
    if (crew.tasks.length === 0 && this.#run !== this.#setup.maxTasks) crew.workers.countIdle(this.#record, true);
    settleTask(crew.memory, task, failed, value);
    this.#record.clearTask();
  }

  #resources(): number {
    return process.getActiveResourcesInfo().length;
  }

  /** If this worker ends abruptly, it says how, as far as it can. Returns how to take that back. */
  #tellEnding(): () => void {
    const record = this.#record;
    const onError = (error: unknown): void => {
      record.ending = `it ended over an uncaught error: ${textOf(error)}`;
    };
    const onExit = (code: number): void => {
      if (record.ending === '') record.ending = `it ended: process.exit(${code}) was called in it`;
      const kind = this.#setup?.kind ?? 'Pool';
      const error = (): Error => errorOfEnding(kind, `a worker of the ${kind} is gone: ${record.ending}`);
      settleLeftTask(this.#crew.memory, record, error, true);
      if (breaksWithWorker(kind) && !record.stopped) breakDown(this.#crew, error(), record);
      this.#crew.tellChange();
    };
    process.on('uncaughtExceptionMonitor', onError);
    process.prependListener('exit', onExit); // before the thread is said to have ended
    return () => {
      process.off('uncaughtExceptionMonitor', onError);
      process.off('exit', onExit);
    };
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

/** Lets the event loop turn once. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : inspect(error);
}
