/**
 * Learning from the event loop that a socket is ready, while all that is received and sent goes through calls of our
 * own. So a blocking call can come at any time, and finds every byte where it belongs.
 *
 * Node has no way to ask only whether a descriptor is ready (`uv_poll`): it reads and writes. Therefore each sensor is
 * a `net.Socket` over a second descriptor of the same socket, and
 *
 * - to learn that something has come, it is given no room to read to: the loop reports ENOBUFS and has read nothing.
 *   That holds for sockets that listen too. It costs as much as the socket object, 15 to 25 µs;
 * - a connection that is received from again and again has an {@link Inlet}, which does read, to where the blocking
 *   calls put what they receive, and stops when nobody waits any more (3 µs);
 * - to learn that there is room to send, the next byte of what is to be sent is written. When that is called off, the
 *   length of the loop's own queue tells whether the byte has gone.
 */

import type { Socket } from 'node:net';
import { OSError } from '../errors.ts';
import { loadSockets } from '../memory/libc-sockets.ts';
import type { FrameBuffer } from './framing.ts';

const NO_ROOM = new Uint8Array(0);
const READ_AT_ONCE = 64 * 1024;

function socketOver(descriptor: number, options: object): Socket {
  const { Socket } = process.getBuiltinModule('node:net');
  const duplicate = loadSockets().duplicate(descriptor);
  try {
    // The other direction is left alone also at the end of this one: it belongs to the connection.
    return new Socket({ fd: duplicate, allowHalfOpen: true, ...options });
  } catch (error) {
    loadSockets().close(duplicate);
    throw error;
  }
}

/** Calls `ready`, once, when something can be received or accepted, or the end has come. @returns what calls it off */
export function whenReadable(descriptor: number, ready: () => void): () => void {
  const onread = { buffer: NO_ROOM, callback: (): boolean => false };
  const socket = socketOver(descriptor, { readable: true, writable: false, onread });
  let done = false;
  const cancel = (): void => {
    done = true;
    socket.destroy();
  };
  const fire = (): void => {
    if (done) return;
    cancel();
    ready();
  };
  socket.on('error', fire).on('end', fire).on('close', fire);
  return cancel;
}

/** Calls `gone` when `byte` was sent, or `failed`. @returns what calls it off and says whether the byte has gone */
export function whenSent(descriptor: number, byte: Uint8Array, gone: () => void, failed: () => void): () => boolean {
  const socket = socketOver(descriptor, { readable: false, writable: true });
  const { _handle: handle } = socket as unknown as { _handle: { writeQueueSize: number } };
  let done = false;
  socket.on('error', () => {});
  socket.write(byte, (error) => {
    if (done) return;
    done = true;
    socket.destroy();
    if (error) failed();
    else gone();
  });
  return () => {
    const left = handle.writeQueueSize;
    if (typeof left !== 'number') throw new OSError('an async send is under way here: await it first');
    done = true;
    socket.destroy();
    return left === 0;
  };
}

/** Receives for a connection while somebody waits for it in the event loop. */
export class Inlet {
  readonly #socket: Socket;
  #listener: ((ended: boolean) => boolean) | undefined;
  /** It has reported the end: there is nothing more to learn from it. */
  #ended = false;

  /** What comes is added to `frames`, whether anybody listens or not: Node may read once more after a pause. */
  constructor(descriptor: number, frames: FrameBuffer) {
    const buffer = Buffer.allocUnsafeSlow(READ_AT_ONCE);
    const callback = (count: number): boolean => {
      frames.add(buffer.subarray(0, count));
      const wanted = this.#listener?.(false) ?? false;
      if (!wanted) this.#listener = undefined;
      return wanted;
    };
    const pauseOnCreate = true; // or it would read before it is asked to
    this.#socket = socketOver(descriptor, {
      readable: true,
      writable: false,
      pauseOnCreate,
      onread: { buffer, callback },
    });
    const end = (): void => {
      if (this.#ended) return;
      this.#ended = true;
      this.#socket.destroy();
      const listener = this.#listener;
      this.#listener = undefined;
      listener?.(true);
    };
    this.#socket.on('error', end).on('end', end).on('close', end);
  }

  /** False: it has seen the end, and calls nobody any more. */
  get open(): boolean {
    return !this.#ended;
  }

  /** Calls `listener` when something has come, and at the end, as long as it returns true. */
  listen(listener: (ended: boolean) => boolean): void {
    this.#listener = listener;
    this.#socket.resume();
  }

  /** Reads nothing more until somebody listens again. */
  pause(): void {
    this.#listener = undefined;
    this.#socket.pause();
  }

  close(): void {
    this.#ended = true;
    this.#listener = undefined;
    this.#socket.destroy();
  }
}
