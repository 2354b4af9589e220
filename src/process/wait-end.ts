import { currentFlow } from '../memory/flow.ts';
import type { AsyncWaitSettings } from '../sync/async-wait.ts';

/**
 * Calls `end`, once, when the time of a wait has passed, or with the reason when the signal is aborted or something is
 * raised in the flow. It returns false if the wait can no longer be given up.
 * @returns what calls that off, for who has got what it waited for
 */
export function onEndOfWait(
  { milliseconds, signal }: AsyncWaitSettings,
  end: (reason?: unknown) => unknown,
): () => void {
  const flow = currentFlow();
  let timer: NodeJS.Timeout | undefined;
  const wait = {
    interrupt: (reason: unknown): boolean => {
      clear();
      return end(reason) !== false;
    },
  };
  const onAbort = (): void => {
    clear();
    end(signal?.reason);
  };
  const clear = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    flow?.leave(wait);
  };
  flow?.enter(wait);
  if (milliseconds !== Number.POSITIVE_INFINITY) {
    timer = setTimeout(
      () => {
        clear();
        end(undefined);
      },
      Math.min(milliseconds, 0x7fff_ffff),
    );
  }
  signal?.addEventListener('abort', onAbort, { once: true });
  return clear;
}
