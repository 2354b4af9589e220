/** The line between two programs: a socket, as `Listener` and `Client` make it. Only data and errors go over it. */

import { EOFError, OSError, PicklingError } from '../errors.ts';
import { outsideFlows } from '../memory/flow.ts';
import { dumpsError } from '../pickle/errors.ts';
import { loadsFromNetwork } from '../pickle/network-decoder.ts';
import { dumps } from '../pickle/pickle.ts';
import type { SocketConnection } from '../process/socket-connection.ts';
import type { Connection } from '../queue/connection.ts';
import { type Frame, HEAD_BYTES, type Head, type Line } from './frame.ts';
import { type Peer, withPeer } from './travel.ts';

/** What a frame begins with, so that what is none is noticed: `TWM1`. */
const MARK = 0x314d_5754;
const PREFIX = HEAD_BYTES + 4;

/** What waits here, to receive or to send, serves the whole thread: it is not the wait of the flow that needs it first. */
export class SocketLine implements Line {
  readonly scope = 'network';
  /** Who is at the other end, for proxies that go there and come from there. */
  peer: Peer | null = null;
  readonly #connection: SocketConnection;

  /** Takes what `Client` or `Listener.accept` has made. */
  constructor(connection: Connection) {
    this.#connection = connection as SocketConnection;
  }

  send(head: Head, value: unknown, root: string): void {
    this.#connection.sendBytes(this.#frame(head, () => dumps(value, { scope: 'network', root }).bytes));
  }

  post(head: Head, value: unknown, root: string): void {
    this.#post(this.#frame(head, () => dumps(value, { scope: 'network', root }).bytes));
  }

  postError(head: Head, thrown: unknown): void {
    this.#post(this.#frame(head, () => dumpsError(thrown, 'network').bytes));
  }

  take(): Frame {
    return frameIn(this.#receive(), this.peer);
  }

  takeNow(): Frame | null {
    return this.ready ? this.take() : null;
  }

  /** Never true of half a frame: whoever sends the other half late, or never, would hold up all others. */
  get ready(): boolean {
    return this.#connection.closed || this.#connection.hasWhole();
  }

  whenReady(then: () => void, ref: boolean): () => void {
    const controller = new AbortController();
    let stopped = false;
    // A socket that is waited for keeps the program alive: who does not want that does not wait.
    if (!ref) return () => {};
    const ready = (): void => {
      if (!stopped) then();
    };
    outsideFlows(() => this.#connection.awaitWholeAsync(controller.signal).then(ready, ready));
    return () => {
      stopped = true;
      controller.abort();
    };
  }

  close(): void {
    // What has been sent last may still be on its way out.
    setImmediate(() => this.#connection.close());
  }

  #post(bytes: Buffer): void {
    // Who is gone is missed where frames are taken.
    outsideFlows(() => this.#connection.sendBytesAsync(bytes)).catch(() => {});
  }

  #frame(head: Head, dump: () => Uint8Array): Buffer {
    return frameOf(head, this.peer === null ? dump() : withPeer(this.peer, dump));
  }

  /** However a connection ends, nothing more comes. */
  #receive(): Buffer {
    try {
      return this.#connection.recvBytes();
    } catch (error) {
      if (error instanceof EOFError || !(error instanceof OSError)) throw error;
      throw new EOFError(`the connection has ended: ${error.message}`, { cause: error });
    }
  }
}

function frameOf({ kind, number, object, flow }: Head, value: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX + value.length);
  frame.writeInt32LE(MARK, 0);
  frame.writeInt32LE(kind, 4);
  frame.writeInt32LE(number, 8);
  frame.writeInt32LE(object, 12);
  frame.writeInt32LE(flow, 16);
  frame.set(value, PREFIX);
  return frame;
}

function frameIn(bytes: Buffer, peer: Peer | null): Frame {
  if (bytes.length < PREFIX || bytes.readInt32LE(0) !== MARK) {
    throw new PicklingError(`a message of ${bytes.length} bytes has come that is none of a manager`);
  }
  return {
    kind: bytes.readInt32LE(4),
    number: bytes.readInt32LE(8),
    object: bytes.readInt32LE(12),
    flow: bytes.readInt32LE(16),
    namesModules: false,
    importModules: async () => {},
    value() {
      const load = (): unknown => loadsFromNetwork(bytes.subarray(PREFIX));
      return peer === null ? load() : withPeer(peer, load);
    },
    discard: () => {},
  };
}
