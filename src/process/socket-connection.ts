import { EOFError, OSError, PicklingError, TimeoutError } from '../errors.ts';
import { attendInterruptions } from '../memory/interruption.ts';
import { loadSockets } from '../memory/libc-sockets.ts';
import { registerReducer } from '../pickle/reducer.ts';
import { Connection, WAITABLE } from '../queue/connection.ts';
import { bytesMessage, type Message } from '../queue/message.ts';
import type { Waitable } from '../queue/waitable.ts';
import type { AsyncWaitSettings } from '../sync/async-wait.ts';
import type { FrameBuffer } from './framing.ts';
import { packForNetwork, unpackFromNetwork } from './network-message.ts';
import { SocketHandle } from './socket-handle.ts';
import { SocketWaiters } from './socket-waiters.ts';
import { onEndOfWait } from './wait-end.ts';

/** So much of a message is received ahead at most, for `poll` to say that it is there. */
const READ_AHEAD = 1024 * 1024;

/** A connection that collects its garbage: one that nobody has any more is closed, as in Python. */
const abandoned = new FinalizationRegistry<SocketHandle>((handle) => handle.close());

/**
 * A connection to another program through a socket, as `Client` and `Listener.accept` make it.
 *
 * What has arrived stands in a {@link FrameBuffer}. The blocking calls receive into it, and so does the event loop as
 * long as somebody waits there: both take whole messages out of it, so one that has come in half stays until the other
 * half is there, whoever gave up waiting for it meanwhile.
 */
export class SocketConnection<T = unknown> extends Connection<T> {
  readonly #handle: SocketHandle;
  readonly #frames: FrameBuffer;
  readonly #waiters: SocketWaiters;

  /** Takes over a connected socket, with what has arrived there already. */
  constructor(descriptor: number, frames: FrameBuffer) {
    super(true, true);
    this.#handle = new SocketHandle(descriptor, frames);
    this.#frames = frames;
    this.#waiters = new SocketWaiters(this.#handle, frames);
    abandoned.register(this, this.#handle, this);
  }

  /** @internal */
  get [WAITABLE](): Waitable {
    return {
      isReady: () => this.awaitMessage(0),
      descriptor: () => this.#handle.descriptor,
      waitAsync: (wait) => this.awaitMessageAsync(wait),
    };
  }

  protected pack(obj: unknown): Message {
    return bytesMessage(packForNetwork(obj));
  }

  protected unpack(message: Message): unknown {
    return unpackFromNetwork(message.bytes as Uint8Array);
  }

  protected rawBytes(message: Message): Buffer {
    return message.bytes as Buffer;
  }

  protected transmit(message: Message): void {
    this.#handle.outbox.send(message.bytes as Uint8Array);
  }

  protected transmitAsync(message: Message, wait: AsyncWaitSettings): Promise<void> {
    return new Promise((resolve, reject) => {
      let takeBack = (): boolean => false;
      const clear = onEndOfWait(wait, (reason) => {
        if (!takeBack()) return false; // some of it is gone: the rest has to follow
        reject(reason ?? new TimeoutError('Connection.sendAsync: the other end did not read in time'));
        return true;
      });
      const sent = (): void => {
        clear();
        resolve();
      };
      const failed = (error: unknown): void => {
        clear();
        reject(error);
      };
      takeBack = this.#handle.outbox.sendAsync(message.bytes as Uint8Array, sent, failed);
    });
  }

  protected receive(maxlength: number): Message {
    try {
      for (;;) {
        const message = this.#take(maxlength);
        if (message !== undefined) return message;
        this.#poll(Number.POSITIVE_INFINITY);
      }
    } finally {
      this.#waiters.lookAfter();
    }
  }

  protected async receiveAsync(maxlength: number, wait: AsyncWaitSettings): Promise<Message> {
    let message: Message | undefined;
    const attempt = (): boolean => {
      message = this.#take(maxlength);
      return message !== undefined;
    };
    if (await this.#waiters.until(attempt, wait)) return message as unknown as Message;
    throw new TimeoutError(`Connection: no message came within ${wait.milliseconds / 1000} s`);
  }

  protected awaitMessage(milliseconds: number): boolean {
    const deadline = performance.now() + milliseconds;
    try {
      while (!this.#isReady()) {
        const left = deadline - performance.now();
        if (left <= 0) return false;
        this.#poll(left);
      }
      return true;
    } finally {
      this.#waiters.lookAfter();
    }
  }

  protected awaitMessageAsync(wait: AsyncWaitSettings): Promise<boolean> {
    return this.#waiters.until(() => this.#isReady(), wait);
  }

  /**
   * @internal Whether the first message is there to its last byte, or the end or an error is: then `recv` does not
   * wait for the peer, as it may after `poll`, where a message is so long that it is not received ahead.
   */
  hasWhole(): boolean {
    const whole = this.#isWhole();
    this.#waiters.lookAfter();
    return whole;
  }

  /** @internal Waits for {@link hasWhole} while the event loop goes on. */
  awaitWholeAsync(signal: AbortSignal): Promise<boolean> {
    return this.#waiters.until(() => this.#isWhole(), { milliseconds: Number.POSITIVE_INFINITY, signal });
  }

  protected descriptor(): number {
    return this.#handle.descriptor;
  }

  protected release(): void {
    abandoned.unregister(this);
    this.#handle.close();
    const error = new OSError('Connection: handle is closed; it was closed while this waited');
    this.#waiters.fail(error);
  }

  #poll(milliseconds: number): void {
    attendInterruptions();
    loadSockets().poll([{ descriptor: this.#handle.descriptor }], milliseconds);
  }

  /** Takes the first message; undefined when it is not all there. */
  #take(maxlength: number): Message | undefined {
    do {
      const length = this.#frames.length();
      if (length !== undefined && length > maxlength) this.refuseMessage(length, maxlength);
      const bytes = this.#frames.take();
      if (bytes !== undefined) return bytesMessage(bytes);
      if (this.#frames.ended) this.#end();
    } while (this.#fill());
    return undefined;
  }

  #end(): never {
    if (this.#frames.size === 0)
      throw new EOFError('Connection: the other end is gone, and nothing is left to receive');
    throw new OSError(
      `Connection: got end of file during message: the other end is gone, ${this.#frames.size} bytes of it had come`,
    );
  }

  #isReady(): boolean {
    try {
      do {
        if (this.#frames.complete || this.#frames.ended || this.#frames.size > READ_AHEAD) return true;
      } while (this.#fill());
      return false;
    } catch {
      return true; // the error is for who receives
    }
  }

  /** Receives no more than a part at once: who sends fast does not keep the event loop from turning. */
  #isWhole(): boolean {
    const most = this.#frames.size + READ_AHEAD;
    try {
      do {
        if (this.#frames.complete || this.#frames.ended) return true;
      } while (this.#frames.size < most && this.#fill());
      return this.#frames.complete || this.#frames.ended;
    } catch {
      return true; // the error is for who receives
    }
  }

  /** Receives without waiting; false when nothing has come. */
  #fill(): boolean {
    const frames = this.#frames;
    if (frames.ended) return false;
    const count = loadSockets().receive(this.#handle.descriptor, frames.room());
    if (count > 0) frames.added(count);
    else if (count === 0) frames.ended = true;
    return count >= 0;
  }
}

registerReducer(SocketConnection, {
  tag: 'multiprocessing.SocketConnection',
  dump(_connection, context): never {
    throw new PicklingError(
      `${context.path()}: a connection made by Client or Listener belongs to the thread that made it and cannot be ` +
        'sent; accept or connect where it is used, or send its messages through a Queue or a Pipe',
    );
  },
  load(): never {
    throw new PicklingError('a connection cannot be received');
  },
});
