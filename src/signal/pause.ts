import { loadLibc } from '../memory/libc.ts';
import { onEndOfWait } from '../process/wait-end.ts';
import { asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { checkMainThread, theHandlers } from './handlers.ts';
import { nameOf } from './numbers.ts';

/**
 * Blocks this thread until a signal has come and its handler has run.
 *
 * A signal that has come before, and whose handler could not run since the thread was busy, counts: its handler runs
 * and `pause` returns. One that only listeners of `process` handle ends the pause too; they are called when the event
 * loop turns.
 *
 * @throws whatever the handler throws. @throws ValueError this is not the main thread.
 *
 * Python: https://docs.python.org/3/library/signal.html#signal.pause
 */
export function pause(): void {
  checkMainThread('pause');
  const handlers = theHandlers();
  if (handlers.attend() > 0) return;
  const { descriptor } = handlers.watcher;
  handlers.withForeign((hasCome) => {
    while (handlers.attend() === 0 && !hasCome()) loadLibc().poll([descriptor], FOR_EVER);
  });
}

const FOR_EVER = Number.POSITIVE_INFINITY;

/**
 * {@link pause} while the event loop goes on. Keeps the program alive meanwhile.
 * @param options seconds to wait at most, or `{ timeout, signal }`.
 * @returns false when the time has passed.
 * @throws the signal's reason when it is aborted. @throws ValueError this is not the main thread. What a handler throws
 * is an uncaught error, as of any listener.
 */
export async function pauseAsync(options?: number | null | WaitAsyncOptions): Promise<boolean> {
  checkMainThread('pauseAsync');
  const wait = asyncWaitOf(options, 'pauseAsync');
  wait.signal?.throwIfAborted();
  const handlers = theHandlers();
  const { onRun } = handlers;
  const foreign = handlers.foreign().map(nameOf);
  const alive = setInterval(() => {}, 0x7fff_ffff);
  let callOff = (): void => {};
  let told = (): void => {};
  try {
    return await new Promise<boolean>((resolve, reject) => {
      told = () => resolve(true);
      onRun.add(told);
      for (const name of foreign) process.on(name, told);
      callOff = onEndOfWait(wait, () => (wait.signal?.aborted ? reject(wait.signal.reason) : resolve(false)));
    });
  } finally {
    callOff();
    clearInterval(alive);
    onRun.delete(told);
    for (const name of foreign) process.off(name, told);
  }
}
