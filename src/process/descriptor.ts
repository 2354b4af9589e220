import { interruptible } from '../memory/flow.ts';
import { loadLibc } from '../memory/libc.ts';
import type { Waitable } from '../queue/waitable.ts';
import type { AsyncWaitSettings } from '../sync/async-wait.ts';

/** How long one thread of libuv's pool may be busy with a wait that nobody needs any more. */
const SLICE = 250;

/** A descriptor as something to wait for: until it is readable. */
export function descriptorWaitable(descriptor: number): Waitable {
  const isReady = (): boolean => loadLibc().poll([descriptor], 0).length > 0;
  return { isReady, descriptor: () => descriptor, waitAsync: (wait) => awaitDescriptor(descriptor, wait) };
}

/** Waits until a descriptor is readable; false when the time has passed. */
async function awaitDescriptor(descriptor: number, { milliseconds, signal }: AsyncWaitSettings): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    signal?.throwIfAborted();
    const left = deadline - performance.now();
    const poll = loadLibc().pollAsync([descriptor], Math.max(Math.min(left, SLICE), 0));
    const readable = await orAbort(interruptible(poll), signal);
    if (readable.length > 0) return true;
    if (left <= 0) return false;
  }
}

/** What the promise gives, or the signal's reason if that comes first. */
function orAbort<R>(promise: Promise<R>, signal: AbortSignal | undefined): Promise<R> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const end = (settle: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    promise.then(
      (result) => end(() => resolve(result)),
      (error) => end(() => reject(error)),
    );
  });
}
