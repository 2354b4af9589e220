import type { AsyncWaitSettings } from '../sync/async-wait.ts';

/**
 * Calls `end`, once, when the time of a wait has passed, or with the signal's reason when it is aborted.
 * @returns what calls that off, for who has got what it waited for
 */
export function onEndOfWait({ milliseconds, signal }: AsyncWaitSettings, end: (reason?: unknown) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    clear();
    end(signal?.reason);
  };
  const clear = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  };
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
