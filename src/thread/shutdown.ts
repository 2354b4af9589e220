/**
 * How a program ends: when its main thread and all non-daemon threads have ended, whatever came first. Daemon threads
 * end with the process.
 *
 * While non-daemon threads run, the main thread's event loop is kept alive. If the main thread ends all the same, by
 * `process.exit()` or an uncaught error, it waits for them in its `exit` event, before any other listener of that
 * event, as CPython joins threads before it runs `atexit` functions.
 */

import { outsideFlows } from '../memory/flow.ts';
import { EXITING, NON_DAEMON, NON_DAEMON_QUEUE } from '../memory/layout.ts';
import { localMemory } from '../memory/local-memory.ts';
import { type Contest, waitAsync, waitBlocking } from '../memory/wait.ts';
import { WaitQueue } from '../memory/wait-queue.ts';
import { withThreads } from './record.ts';

let isWorker = false;
const obligations: (() => boolean)[] = [];
const afterThread: (() => void)[] = [];
const beforeThreads: (() => void)[] = [];
const afterThreads: (() => void)[] = [];
const atWorkersEnd: (() => void)[] = [];
let installed = false;
let watching = false;

/** This thread is one of ours: others see to the end of the program. */
export function leaveExitToOthers(): void {
  isWorker = true;
}

/** Keeps this worker from going home while `owes` says so: something would end with its thread. */
export function stayWhile(owes: () => boolean): void {
  obligations.push(owes);
}

/** Whether something would end with this worker. */
export function hasObligations(): boolean {
  return obligations.some((owes) => owes());
}

/** Has `step` run each time when a thread that ran in this worker has ended. */
export function whenThreadEnds(step: () => void): void {
  afterThread.push(step);
}

/** The thread that ran in this worker has ended. */
export function threadHasEnded(): void {
  for (const step of afterThread) step();
}

/** Has `step` run when this worker ends, if it is one of ours; a listener on `process` would keep it from being reused. */
export function whenWorkerEnds(step: () => void): void {
  if (isWorker) atWorkersEnd.push(step);
}

/** This worker ends. */
export function endWorker(): void {
  for (const step of atWorkersEnd) step();
}

/** Has `step` run when the program ends, before its threads are waited for, if this thread is the program's own. */
export function beforeThreadsEnd(step: () => void): void {
  if (isWorker) return;
  install();
  beforeThreads.push(step);
}

/** Has `step` run when the program ends and its threads have ended, if this thread is the program's own. */
export function whenThreadsHaveEnded(step: () => void): void {
  if (isWorker) return;
  install();
  afterThreads.push(step);
}

/** The same for a step that has something to do only if a thread was started. */
export function whenStartedThreadsHaveEnded(step: () => void): void {
  afterThreads.push(step);
}

/** Has this thread, if it is the program's own, wait for the threads that run. */
export function joinAtExit(daemon: boolean): void {
  if (isWorker) return;
  install();
  if (daemon || watching) return;
  watching = true;
  void outsideFlows(async () => {
    await waitAsync(localMemory(), allEnded(), {});
    watching = false;
    if (Atomics.load(localMemory().i32, NON_DAEMON) > 0) joinAtExit(false);
  });
}

function install(): void {
  if (installed) return;
  installed = true;
  process.prependListener('exit', () => {
    for (const step of beforeThreads) step();
    waitForThreads();
    Atomics.store(localMemory().i32, EXITING, 1);
    for (const step of afterThreads) step();
  });
}

function waitForThreads(): void {
  const ended = allEnded();
  if (!ended.attempt(false)) waitBlocking(localMemory(), ended, Number.POSITIVE_INFINITY);
}

function allEnded(): Contest {
  const memory = localMemory();
  return {
    queue: new WaitQueue(memory, NON_DAEMON_QUEUE),
    attempt: () => Atomics.load(memory.i32, NON_DAEMON) <= 0,
    beat: () => {
      withThreads((threads) => {
        for (const thread of threads) thread.endIfDead();
      });
      return false;
    },
    surplus: () => {},
  };
}
