/** Waits of greenlets for each other and for time: nothing of them is in shared memory. */

import { beginWait, currentFlow, type Interruptible } from '../memory/flow.ts';
import type { AsyncWaitSettings } from '../sync/async-wait.ts';

/** setTimeout holds 31 bits of milliseconds. */
const LONGEST = 0x7fff_ffff;

/** Calls `fn` when so many milliseconds have passed, however many. @returns what calls that off */
export function after(milliseconds: number, fn: () => void, ref = true): () => void {
  let timer: NodeJS.Timeout;
  const arm = (left: number): void => {
    timer = setTimeout(left > LONGEST ? () => arm(left - LONGEST) : fn, Math.min(left, LONGEST));
    if (!ref) timer.unref();
  };
  arm(Math.max(milliseconds, 0));
  return () => clearTimeout(timer);
}

/**
 * Waits until one of `enter`'s callbacks is called, the time has passed (then `late` gives the result, or throws), the signal is
 * aborted, or something is raised in the flow.
 * @param enter has a callback called, later; returns what takes that back
 */
export function waitFor<T>(
  { milliseconds, signal }: AsyncWaitSettings,
  enter: (got: (value: T) => void, failed: (error: unknown) => void) => () => void,
  late: () => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    beginWait(signal);
    const flow = currentFlow();
    let stop: (() => void) | undefined;
    const end = (): void => {
      flow?.leave(wait);
      stop?.();
      signal?.removeEventListener('abort', aborted);
    };
    const giveUp = (settle: () => void): true => {
      leave();
      end();
      settle();
      return true;
    };
    const wait: Interruptible = { interrupt: (reason) => giveUp(() => reject(reason)) };
    const aborted = (): true => giveUp(() => reject(signal?.reason));
    const leave = enter(
      (value) => {
        end();
        resolve(value);
      },
      (error) => {
        end();
        reject(error);
      },
    );
    flow?.enter(wait);
    signal?.addEventListener('abort', aborted, { once: true });
    if (milliseconds !== Number.POSITIVE_INFINITY) {
      stop = after(milliseconds, () => {
        giveUp(() => {
          try {
            resolve(late());
          } catch (error) {
            reject(error);
          }
        });
      });
    }
  });
}
