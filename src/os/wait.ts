/**
 * `wait` and `waitpid`: how children end, each reported once.
 *
 * They ask what the process layer notes (process/child-list.ts), never the kernel: libuv goes on reaping the children,
 * so that no zombie stays and Node's own `exit` events come.
 */

import { ChildProcessError, NotImplementedError, ValueError } from '../errors.ts';
import { attendInterruptions } from '../memory/interruption.ts';
import { CHILD_ENDED_QUEUE } from '../memory/layout.ts';
import { localMemory } from '../memory/local-memory.ts';
import { waitAsync as waitForTurn } from '../memory/wait.ts';
import { WaitQueue } from '../memory/wait-queue.ts';
import { takeStatus } from '../process/child-list.ts';
import { awaitAnyEnd, hasEnded, withChildren } from '../process/children.ts';
import type { ProcessRecord } from '../process/record.ts';
import { asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { describe } from '../sync/timeout.ts';
import { statusWord } from './status.ts';

/** Option of {@link waitpid}: return `[0, 0]` at once if the child runs. */
export const WNOHANG = 1;

const ECHILD = 10;
const ANY = -1;

/** The pid of a child that has ended, and how it ended: a word for `WIFEXITED` and its kin. `[0, 0]`: none has. */
export type WaitResult = [pid: number, status: number];

/** Options of {@link waitpidAsync}. */
export interface WaitpidAsyncOptions extends WaitAsyncOptions {
  /** 0, or {@link WNOHANG}. */
  options?: number;
}

/**
 * Blocks this thread until a child of this process has ended, whichever thread has started it, and reports it. One that
 * has ended before is reported at once; `join()` does not take that away. Handlers of signals run meanwhile.
 *
 * Children are the processes of `multiprocessing`; the workers of pools and executors and the servers of managers belong
 * to those, and children of `node:child_process` to Node.
 *
 * @returns `[pid, status]`
 * @throws ChildProcessError there is no child, or none any more, that has not been reported.
 *
 * Python: https://docs.python.org/3/library/os.html#os.wait
 */
export function wait(): WaitResult {
  return awaitChild(ANY, 'wait');
}

/**
 * {@link wait} while the event loop goes on.
 * @param options seconds to wait at most, or `{ timeout, signal }`. When the time has passed the result is `[0, 0]`.
 * @throws ChildProcessError as {@link wait}. @throws the signal's reason when it is aborted; no status is lost then.
 */
export async function waitAsync(options?: number | null | WaitAsyncOptions): Promise<WaitResult> {
  return awaitChildAsync(ANY, 'waitAsync', options);
}

/**
 * Blocks this thread until the child `pid` has ended and reports it; `pid` -1: any child, as {@link wait} does.
 * @param options 0, or {@link WNOHANG} to look once: `[0, 0]` if it runs.
 * @throws ChildProcessError `pid` is no child of this process that `multiprocessing` has started, or was reported before.
 * @throws NotImplementedError `pid` stands for a group of processes (0, or less than -1).
 * @throws ValueError other options.
 *
 * Python: https://docs.python.org/3/library/os.html#os.waitpid
 */
export function waitpid(pid: number, options = 0): WaitResult {
  checkPid(pid, 'waitpid');
  return mayHang(options, 'waitpid') ? awaitChild(pid, 'waitpid') : look(pid, 'waitpid');
}

/**
 * {@link waitpid} while the event loop goes on.
 * @param options 0 or {@link WNOHANG}, or `{ options, timeout, signal }`. When the time has passed the result is `[0, 0]`.
 * @throws the signal's reason when it is aborted; no status is lost then. And as {@link waitpid}.
 */
export async function waitpidAsync(pid: number, options: number | WaitpidAsyncOptions = 0): Promise<WaitResult> {
  checkPid(pid, 'waitpidAsync');
  const settings = typeof options === 'object' && options !== null ? options : { options };
  const hang = mayHang(settings.options ?? 0, 'waitpidAsync');
  return awaitChildAsync(pid, 'waitpidAsync', hang ? settings : { ...settings, timeout: 0 });
}

function awaitChild(pid: number, who: string): WaitResult {
  const lost = new Map<number, number>();
  for (;;) {
    attendInterruptions();
    const found = look(pid, who);
    if (found[0] !== 0) return found;
    withMeant(pid, (children) => awaitAnyEnd(children, Number.POSITIVE_INFINITY, lost));
  }
}

async function awaitChildAsync(
  pid: number,
  who: string,
  options: number | null | undefined | WaitAsyncOptions,
): Promise<WaitResult> {
  const settings = asyncWaitOf(options, who);
  settings.signal?.throwIfAborted();
  let found = look(pid, who);
  if (found[0] !== 0 || settings.milliseconds <= 0) return found;
  const memory = localMemory();
  const queue = new WaitQueue(memory, CHILD_ENDED_QUEUE);
  const attempt = (): boolean => {
    found = take(pid, who);
    return found[0] !== 0;
  };
  const beat = (): boolean => {
    found = look(pid, who);
    return found[0] !== 0;
  };
  // All that wait are woken, since each may wait for another child: there is nothing to pass on.
  await waitForTurn(memory, { queue, attempt, beat, surplus: () => {} }, settings);
  return found;
}

/** Looks who has ended, and takes a status if there is one. */
function look(pid: number, who: string): WaitResult {
  const found = take(pid, who);
  if (found[0] !== 0) return found;
  withMeant(pid, (children) => children.some(hasEnded));
  return take(pid, who);
}

function withMeant(pid: number, use: (children: ProcessRecord[]) => void): void {
  withChildren((children) => {
    use(children.filter((child) => !child.isWorker && (pid === ANY || child.pid === pid)));
  });
}

function take(pid: number, who: string): WaitResult {
  const end = takeStatus(pid);
  if (end === null) return [0, 0];
  if (end !== 'no child') return [end.pid, statusWord(end.status)];
  const what =
    pid === ANY
      ? 'there is no child process that has not been reported'
      : `process ${pid} is no child of this process, or has been reported before`;
  throw new ChildProcessError(
    `${who}: ${what}; children are what multiprocessing.Process starts (the workers of pools belong to those)`,
    { errno: ECHILD },
  );
}

function checkPid(pid: unknown, who: string): void {
  if (!Number.isInteger(pid)) throw new TypeError(`${who}: pid must be an integer, not ${describe(pid)}`);
  if (pid === 0 || (pid as number) < ANY) {
    throw new NotImplementedError(
      `${who}: pid ${pid} stands for a group of processes, which is not supported; ` +
        'pass the pid of a child, or -1 for any child',
    );
  }
}

function mayHang(options: unknown, who: string): boolean {
  if (options === 0) return true;
  if (options === WNOHANG) return false;
  throw new ValueError(`${who}: options must be 0 or WNOHANG (${WNOHANG}), not ${describe(options)}`);
}
