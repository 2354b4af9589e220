/**
 * One end of a connection that carries messages, whatever they travel through: a pipe in shared memory (pipe.ts), or
 * a socket. What an end does is here; a kind of connection says how a message is packed, sent, awaited and received.
 */

import { OSError } from '../errors.ts';
import { beginWait } from '../memory/flow.ts';
import { type AsyncWaitSettings, asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { toMilliseconds } from '../sync/timeout.ts';
import { bytesOf, maxlengthOf, putInto, type ReceiveBytesOptions } from './connection-bytes.ts';
import { bytesMessage, type Message } from './message.ts';
import type { Waitable } from './waitable.ts';

/** Under which symbol whatever can be waited for together with others says how (`connection.wait`). */
export const WAITABLE: unique symbol = Symbol('waitable');

/**
 * One end of a pipe, or of a connection to another program. Made by `Pipe`, `Client` and `Listener.accept`.
 *
 * Messages arrive whole and in order. Several threads or processes may hold the same end of a pipe: each message goes
 * to one of them.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Connection
 */
export abstract class Connection<T = unknown> {
  #readable: boolean;
  #writable: boolean;
  #closed = false;

  protected constructor(readable: boolean, writable: boolean) {
    this.#readable = readable;
    this.#writable = writable;
  }

  /** Whether {@link close} was called here. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether messages can be received. */
  get readable(): boolean {
    return this.#readable;
  }

  /** Whether messages can be sent. */
  get writable(): boolean {
    return this.#writable;
  }

  /**
   * Sends an object. Blocks while the other side has much left to read.
   * @throws BrokenPipeError the other end is gone. @throws OSError this end is closed, or can only receive.
   * @throws PicklingError the object cannot be sent; nothing was sent.
   */
  send(obj: T): void {
    this.#checkWritable('send');
    this.transmit(this.pack(obj));
  }

  /** {@link send} while the event loop goes on. @throws the signal's reason when it is aborted: nothing was sent. */
  async sendAsync(obj: T, options?: number | null | WaitAsyncOptions): Promise<void> {
    this.#checkWritable('sendAsync');
    const wait = asyncWaitOf(options, 'Connection.sendAsync');
    beginWait(wait.signal);
    await this.transmitAsync(this.pack(obj), wait);
  }

  /**
   * Receives an object; blocks this thread until there is one.
   * @throws EOFError the other end is gone and nothing is left. @throws OSError this end is closed, or can only send.
   */
  recv(): T {
    this.checkReadable('recv');
    return this.unpack(this.receive(Number.POSITIVE_INFINITY)) as T;
  }

  /**
   * {@link recv} while the event loop goes on.
   * @param options seconds to wait at most, or `{ timeout, signal }`.
   * @throws TimeoutError nothing came in time. @throws the signal's reason when it is aborted: nothing was received.
   */
  async recvAsync(options?: number | null | WaitAsyncOptions): Promise<T> {
    this.checkReadable('recvAsync');
    const wait = asyncWaitOf(options, 'Connection.recvAsync');
    beginWait(wait.signal);
    return this.unpack(await this.receiveAsync(Number.POSITIVE_INFINITY, wait)) as T;
  }

  /**
   * Sends bytes as one message.
   * @param offset where in `buf` they begin. @param size how many; absent: up to the end.
   * @throws ValueError they are not all within `buf`. And as {@link send}.
   */
  sendBytes(buf: ArrayBufferView | ArrayBufferLike, offset = 0, size?: number): void {
    this.#checkWritable('sendBytes');
    this.transmit(bytesMessage(bytesOf(buf, offset, size, 'sendBytes')));
  }

  /** {@link sendBytes} while the event loop goes on. The bytes must not be changed before it has resolved. */
  async sendBytesAsync(
    buf: ArrayBufferView | ArrayBufferLike,
    offset = 0,
    size?: number,
    options?: WaitAsyncOptions,
  ): Promise<void> {
    this.#checkWritable('sendBytesAsync');
    const bytes = bytesOf(buf, offset, size, 'sendBytesAsync');
    const wait = asyncWaitOf(options, 'Connection.sendBytesAsync');
    beginWait(wait.signal);
    await this.transmitAsync(bytesMessage(bytes), wait);
  }

  /**
   * Receives a message as bytes; blocks this thread until there is one.
   * @param maxlength a longer message is an OSError, and this end can receive nothing more.
   * @throws EOFError, OSError as {@link recv}
   */
  recvBytes(maxlength?: number | null): Buffer {
    this.checkReadable('recvBytes');
    return this.rawBytes(this.receive(maxlengthOf(maxlength, 'recvBytes')));
  }

  /** {@link recvBytes} while the event loop goes on. @throws TimeoutError, or the signal's reason: nothing was received. */
  async recvBytesAsync(options?: number | null | ReceiveBytesOptions): Promise<Buffer> {
    this.checkReadable('recvBytesAsync');
    const given = typeof options === 'object' && options !== null ? options : { maxlength: options ?? undefined };
    const wait = asyncWaitOf(given, 'Connection.recvBytesAsync');
    beginWait(wait.signal);
    return this.rawBytes(await this.receiveAsync(maxlengthOf(given.maxlength, 'recvBytesAsync'), wait));
  }

  /**
   * Receives a message into a buffer; blocks this thread until there is one.
   * @param offset where in the buffer to write. @returns how many bytes came.
   * @throws BufferTooShort the buffer is too small; the message is in the error's `bytes`.
   * @throws ValueError the offset is not within the buffer.
   */
  recvBytesInto(buf: ArrayBufferView | ArrayBufferLike, offset = 0): number {
    this.checkReadable('recvBytesInto');
    const target = bytesOf(buf, offset, undefined, 'recvBytesInto');
    return putInto(target, this.rawBytes(this.receive(Number.POSITIVE_INFINITY)));
  }

  /** {@link recvBytesInto} while the event loop goes on. */
  async recvBytesIntoAsync(
    buf: ArrayBufferView | ArrayBufferLike,
    offset = 0,
    options?: WaitAsyncOptions,
  ): Promise<number> {
    this.checkReadable('recvBytesIntoAsync');
    const target = bytesOf(buf, offset, undefined, 'recvBytesIntoAsync');
    const wait = asyncWaitOf(options, 'Connection.recvBytesIntoAsync');
    beginWait(wait.signal);
    return putInto(target, this.rawBytes(await this.receiveAsync(Number.POSITIVE_INFINITY, wait)));
  }

  /**
   * Whether something can be received without waiting; also true at the end, where `recv` throws `EOFError`.
   * @param timeout seconds to block at most until there is something; `null`: for ever.
   */
  poll(timeout: number | null = 0): boolean {
    this.checkReadable('poll');
    return this.awaitMessage(toMilliseconds(timeout, 'Connection.poll'));
  }

  /** {@link poll} while the event loop goes on; without a time-out it waits for ever. */
  async pollAsync(options?: number | null | WaitAsyncOptions): Promise<boolean> {
    this.checkReadable('pollAsync');
    const wait = asyncWaitOf(options, 'Connection.pollAsync');
    beginWait(wait.signal);
    return this.awaitMessageAsync(wait);
  }

  /** The descriptor of this end. @throws OSError it is closed. */
  fileno(): number {
    this.#checkOpen('fileno');
    return this.descriptor();
  }

  /** Closes this end here; when nobody else holds it either, the other end learns of it. Closing twice does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.release();
  }

  /** Closes it (`using connection = …`). */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes it (`await using connection = …`). */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** @internal How it is waited for together with others. */
  abstract get [WAITABLE](): Waitable;

  /** @internal Makes a message of an object. @throws PicklingError */
  protected abstract pack(obj: unknown): Message;
  /** @internal Makes the object of a message. */
  protected abstract unpack(message: Message): unknown;
  /** @internal The bytes of a message, for who wants no object. */
  protected abstract rawBytes(message: Message): Buffer;
  /** @internal Sends a message, blocking; whatever it throws, the message was not sent. */
  protected abstract transmit(message: Message): void;
  /** @internal */
  protected abstract transmitAsync(message: Message, wait: AsyncWaitSettings): Promise<void>;
  /** @internal Receives a message, blocking. One that is longer than `maxlength` is {@link refuseMessage}d. */
  protected abstract receive(maxlength: number): Message;
  /** @internal */
  protected abstract receiveAsync(maxlength: number, wait: AsyncWaitSettings): Promise<Message>;
  /** @internal Waits until `receive` would not wait. */
  protected abstract awaitMessage(milliseconds: number): boolean;
  /** @internal */
  protected abstract awaitMessageAsync(wait: AsyncWaitSettings): Promise<boolean>;
  /** @internal */
  protected abstract descriptor(): number;
  /** @internal Lets go of this end. */
  protected abstract release(): void;

  /** @internal A message is longer than the receiver allows: nothing more can be received here. */
  protected refuseMessage(length: number, maxlength: number): never {
    this.#readable = false;
    if (!this.#writable) this.close();
    throw new OSError(
      `Connection.recvBytes: bad message length: the message has ${length} bytes, maxlength is ${maxlength}; ` +
        'this end can receive nothing more',
    );
  }

  #checkOpen(method: string): void {
    if (this.#closed) throw new OSError(`Connection.${method}: handle is closed`);
  }

  /** @internal Throws unless messages can be received here. */
  protected checkReadable(method: string): void {
    this.#checkOpen(method);
    if (!this.#readable) throw new OSError(`Connection.${method}: connection is write-only; receive at the other end`);
  }

  #checkWritable(method: string): void {
    this.#checkOpen(method);
    if (!this.#writable) throw new OSError(`Connection.${method}: connection is read-only; send at the other end`);
  }
}
