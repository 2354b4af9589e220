/**
 * Those who wait in the event loop for what a socket receives. Who came first is first; the loop reads only as long as
 * somebody waits.
 */

import type { AsyncWaitSettings } from '../sync/async-wait.ts';
import type { FrameBuffer } from './framing.ts';
import type { SocketHandle } from './socket-handle.ts';
import { onEndOfWait } from './wait-end.ts';

/** Somebody who waits in the event loop. */
interface Waiter {
  /** True: it has what it waited for. May throw, which ends the wait as well. */
  attempt(): boolean;
  fail(error: unknown): void;
}

/** Those who wait for one connection. Each of them waits for an attempt to succeed, which may itself receive. */
export class SocketWaiters {
  readonly #handle: SocketHandle;
  readonly #frames: FrameBuffer;
  readonly #waiters: Waiter[] = [];
  /** The event loop will look after those who wait. */
  #looking = false;

  /** `frames`: where what the event loop receives goes. */
  constructor(handle: SocketHandle, frames: FrameBuffer) {
    this.#handle = handle;
    this.#frames = frames;
  }

  /** Waits until an attempt succeeds; false when the time has passed. */
  until(attempt: () => boolean, wait: AsyncWaitSettings): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (this.#waiters.length === 0 && attempt()) {
        resolve(true);
        return;
      }
      if (wait.milliseconds <= 0) {
        resolve(false);
        return;
      }
      const waiter: Waiter = {
        attempt: () => {
          if (!attempt()) return false;
          clear();
          resolve(true);
          return true;
        },
        fail: (error) => {
          clear();
          reject(error);
        },
      };
      const clear = onEndOfWait(wait, (reason) => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        if (this.#waiters.length === 0) this.#handle.pause();
        if (reason === undefined) resolve(false);
        else reject(reason);
      });
      this.#waiters.push(waiter);
      if (this.#waiters.length === 1) this.#listen();
    });
  }

  /**
   * A blocking call may have received what those wait for who wait in the event loop, and the socket tells of nothing
   * twice. What is left when the loop turns is theirs.
   */
  lookAfter(): void {
    if (this.#waiters.length === 0 || this.#looking) return;
    this.#looking = true;
    setImmediate(() => {
      this.#looking = false;
      if (!this.#serve()) this.#handle.pause();
    });
  }

  /** Nobody gets anything any more: ends all that wait. */
  fail(error: unknown): void {
    for (const waiter of this.#waiters.splice(0)) waiter.fail(error);
  }

  #listen(): void {
    try {
      this.#handle.inlet.listen((ended) => {
        const waited = this.#serve();
        if (!ended || !waited) return waited;
        // The loop has seen the end, or an error that it alone was told of: nothing more comes.
        this.#frames.ended = true;
        return this.#serve();
      });
    } catch (error) {
      this.fail(error);
    }
  }

  /** Something has come, or the end: gives it to who waits. Whether somebody still waits. */
  #serve(): boolean {
    for (let first = this.#waiters[0]; first !== undefined; first = this.#waiters[0]) {
      try {
        if (!first.attempt()) return true;
        this.#waiters.shift();
      } catch (error) {
        this.#waiters.shift();
        first.fail(error);
      }
    }
    return false;
  }
}
