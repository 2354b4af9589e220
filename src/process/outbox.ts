import { OSError } from '../errors.ts';
import { loadSockets } from '../memory/libc-sockets.ts';
import { Frame } from './framing.ts';
import { whenSent } from './readiness.ts';

interface Outgoing {
  frame: Frame;
  settle?: { resolve(): void; reject(error: unknown): void };
}

/**
 * The messages that are on their way out of a socket, in the order in which they were sent: whoever sends, blocking or
 * not, first sends what is before it. A message of which a byte is gone is sent to its end.
 */
export class Outbox {
  readonly #descriptor: number;
  readonly #queue: Outgoing[] = [];
  /** Waits in the event loop until a byte of the first message has gone; calling it ends that. */
  #sensor: (() => boolean) | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Sends, blocking. @throws BrokenPipeError, OSError */
  send(message: Uint8Array): void {
    this.#reclaim();
    const frame = new Frame(message);
    this.#queue.push({ frame });
    while (!this.#flush())
      loadSockets().poll([{ descriptor: this.#descriptor, toSend: true }], Number.POSITIVE_INFINITY);
  }

  /** Sends while the event loop goes on. @returns what takes the message back, unless it has begun to go. */
  sendAsync(message: Uint8Array, resolve: () => void, reject: (error: unknown) => void): () => boolean {
    const outgoing: Outgoing = { frame: new Frame(message), settle: { resolve, reject } };
    this.#queue.push(outgoing);
    this.#pump();
    return () => this.#takeBack(outgoing);
  }

  /** Gives up what has not been sent. */
  close(): void {
    this.#sensor?.();
    this.#sensor = undefined;
    const error = new OSError('Connection.sendAsync: the connection was closed before the message was sent');
    for (const { settle } of this.#queue.splice(0)) settle?.reject(error);
  }

  #takeBack(outgoing: Outgoing): boolean {
    if (this.#queue[0] === outgoing) this.#reclaim();
    const index = outgoing.frame.sent === 0 ? this.#queue.indexOf(outgoing) : -1;
    if (index !== -1) this.#queue.splice(index, 1);
    this.#pump();
    return index !== -1;
  }

  /** Sends what goes, and waits in the event loop for room for the rest. */
  #pump(): void {
    if (this.#sensor !== undefined) return;
    try {
      if (this.#flush()) return;
      const { bytes } = this.#queue[0].frame.rest();
      const gone = (): void => {
        this.#sensor = undefined;
        this.#queue[0].frame.sent++;
        this.#pump();
      };
      // What is wrong the next attempt to send will say.
      const failed = (): void => {
        this.#sensor = undefined;
        this.#pump();
      };
      this.#sensor = whenSent(this.#descriptor, bytes.subarray(0, 1), gone, failed);
    } catch (error) {
      // Who waits has been told; but no sensor could be had when this is not the socket's own error.
      for (const { settle } of this.#queue.splice(0)) settle?.reject(error);
    }
  }

  /** Takes back the byte that is waiting in the event loop. */
  #reclaim(): void {
    const gone = this.#sensor?.();
    this.#sensor = undefined;
    if (gone) this.#queue[0].frame.sent++;
  }

  /** Sends without waiting; true when everything is gone. */
  #flush(): boolean {
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      const { frame, settle } = first;
      while (!frame.done) {
        const { bytes, more } = frame.rest();
        let sent: number;
        try {
          sent = loadSockets().send(this.#descriptor, bytes, more);
        } catch (error) {
          for (const outgoing of this.#queue.splice(0)) outgoing.settle?.reject(error);
          throw error;
        }
        if (sent === 0) return false;
        frame.sent += sent;
      }
      this.#queue.shift();
      settle?.resolve();
    }
    return true;
  }
}
