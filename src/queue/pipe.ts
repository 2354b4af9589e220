/** `Pipe` and the ends of pipes: connections through the memory that a family of processes shares. */

import { BrokenPipeError, EOFError, OSError, PicklingError, TimeoutError } from '../errors.ts';
import { buryDead } from '../memory/burial.ts';
import { beginWait } from '../memory/flow.ts';
import { letGo, objectAt, Place, SharedObject } from '../memory/handle.ts';
import { type SystemMemory, systemMemory } from '../memory/system-memory.ts';
import { waitAsync, waitBlocking } from '../memory/wait.ts';
import { registerReducer } from '../pickle/reducer.ts';
import type { AsyncWaitSettings } from '../sync/async-wait.ts';
import { callable } from '../sync/bind.ts';
import { describe } from '../sync/timeout.ts';
import type { Channel, NoMessage } from './channel.ts';
import { Connection, WAITABLE } from './connection.ts';
import { decodeMessage, discardMessage, encodeMessage, type Message, messageBytes } from './message.ts';
import { abilitiesOf, incoming, makePipe, outgoing } from './pipe-layout.ts';
import { ReadyDescriptor } from './ready-descriptor.ts';
import type { PutResult } from './store.ts';
import type { Waitable } from './waitable.ts';

/** What an object message mentioned lives as long as the bytes of it that a reader asked for instead of the object. */
const readAsBytes = new FinalizationRegistry<Message>(discardMessage);

/** This thread's hold on an end of a pipe. */
class PipeEnd extends SharedObject {
  readonly connection: PipeConnection;

  constructor(place: Place) {
    super(place);
    this.connection = new PipeConnection(this);
  }
}

/** One end of a pipe. */
export class PipeConnection<T = unknown> extends Connection<T> {
  readonly #end: PipeEnd;
  readonly #memory = systemMemory();
  readonly #out: Channel;
  readonly #in: Channel;
  #descriptor: ReadyDescriptor | null = null;
  /** Operations that wait, to be ended by `close`. */
  readonly #waiting = new Set<AbortController>();

  constructor(end: PipeEnd) {
    const { readable, writable } = abilitiesOf(end.place);
    super(readable, writable);
    this.#end = end;
    const beat = (): void => buryDead(this.#memory);
    this.#out = outgoing(end.place, end, beat);
    this.#in = incoming(end.place, end, beat);
  }

  /** @internal */
  get end(): SharedObject {
    return this.#end;
  }

  /** @internal */
  get [WAITABLE](): Waitable {
    this.checkReadable('wait');
    return {
      isReady: () => this.#in.ready,
      contest: () => this.#in.readiness(),
      waitAsync: (wait) => this.awaitMessageAsync(wait),
    };
  }

  protected pack(obj: unknown): Message {
    return encodeMessage(obj, 'process', 'obj');
  }

  protected unpack(message: Message): unknown {
    return decodeMessage(message);
  }

  protected rawBytes(message: Message): Buffer {
    const bytes = messageBytes(message);
    if (message.references.length > 0) readAsBytes.register(bytes, { ...message, bytes: null, attachments: [] });
    return bytes;
  }

  protected transmit(message: Message): void {
    this.#sent(this.#out.put(message, undefined, Number.POSITIVE_INFINITY));
  }

  protected async transmitAsync(message: Message, wait: AsyncWaitSettings): Promise<void> {
    this.#sent(await this.#whileOpen(wait, (settings) => this.#out.putAsync(message, undefined, settings)));
  }

  protected receive(maxlength: number): Message {
    return this.#received(this.#in.take(Number.POSITIVE_INFINITY), maxlength);
  }

  protected async receiveAsync(maxlength: number, wait: AsyncWaitSettings): Promise<Message> {
    return this.#received(await this.#whileOpen(wait, (settings) => this.#in.takeAsync(settings)), maxlength);
  }

  protected awaitMessage(milliseconds: number): boolean {
    this.#descriptor?.adjust();
    if (this.#in.ready || milliseconds <= 0) return this.#in.ready;
    const ready = waitBlocking(this.#memory, this.#in.readiness(), milliseconds);
    this.#in.passOn();
    return ready;
  }

  protected async awaitMessageAsync(wait: AsyncWaitSettings): Promise<boolean> {
    beginWait(wait.signal);
    if (this.#in.ready || wait.milliseconds <= 0) return this.#in.ready;
    return this.#whileOpen(wait, async (settings) => {
      const ready = await waitAsync(this.#memory, this.#in.readiness(), settings);
      this.#in.passOn();
      return ready;
    });
  }

  protected descriptor(): number {
    this.#descriptor ??= new ReadyDescriptor(this.#memory, this.#in, this);
    return this.#descriptor.number;
  }

  protected release(): void {
    this.#descriptor?.close();
    this.#descriptor = null;
    const closed = new OSError('Connection: handle is closed: close() was called while this waited');
    for (const controller of this.#waiting) controller.abort(closed);
    if (this.#waiting.size === 0) letGo(this.#end);
  }

  /** Runs what may wait, so that {@link close} ends it; the end is held until it is over. */
  async #whileOpen<R>(wait: AsyncWaitSettings, run: (wait: AsyncWaitSettings) => Promise<R>): Promise<R> {
    const { milliseconds, signal } = wait;
    const controller = new AbortController();
    const onAbort = (): void => controller.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiting.add(controller);
    try {
      return await run({ milliseconds, signal: controller.signal });
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#waiting.delete(controller);
      if (this.closed && this.#waiting.size === 0) letGo(this.#end);
    }
  }

  #sent(result: PutResult): void {
    if (result === 'closed') {
      throw new BrokenPipeError('Connection.send: the other end is gone: nobody can receive what is sent');
    }
    if (result === 'full') throw new TimeoutError('Connection.sendAsync: no room in time; nothing was sent');
  }

  #received(message: Message | NoMessage, maxlength: number): Message {
    this.#descriptor?.adjust();
    if (message === 'closed')
      throw new EOFError('Connection.recv: the other end is gone, and nothing is left to receive');
    if (message === 'empty') throw new TimeoutError('Connection.recvAsync: nothing came in time');
    if (maxlength === Number.POSITIVE_INFINITY) return message;
    const { length } = messageBytes(message);
    if (length <= maxlength) return message;
    discardMessage(message);
    this.refuseMessage(length, maxlength);
  }
}
Object.defineProperty(PipeConnection, 'name', { value: 'Connection' });

registerReducer(PipeConnection, {
  tag: 'multiprocessing.Connection',
  dump(connection, context): number {
    if (connection.closed) throw new PicklingError(`${context.path()}: the connection is closed; send it before`);
    context.addReference(connection.end);
    return connection.end.place.payload;
  },
  load: (payload: number) => endAt(new Place(systemMemory(), payload)),
});

function endAt(place: Place): PipeConnection {
  return objectAt(place, (at) => new PipeEnd(at)).connection;
}

/** Makes the two ends of a pipe, with or without `new`. */
export interface PipeFactory {
  /**
   * @param duplex true: both ends send and receive. False: `[receiver, sender]`. Or `{ duplex }`.
   * @throws NotImplementedError not on this platform. @throws MemoryError the memory is full.
   */
  new <T = unknown>(duplex?: boolean | { duplex?: boolean }): [Connection<T>, Connection<T>];
  <T = unknown>(duplex?: boolean | { duplex?: boolean }): [Connection<T>, Connection<T>];
}

/**
 * Makes a pipe: whatever is sent into one end comes out of the other. One MiB may be under way in each direction; then
 * `send` waits, so that a longer message goes alone.
 *
 * Each thread and process that was given an end holds it until it calls `close()`, lets it be collected, or ends. When
 * nobody holds an end any more, the other one receives what is left and then throws `EOFError`, and sending into it
 * throws `BrokenPipeError`.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Pipe
 */
export const Pipe: PipeFactory = callable('Pipe', (duplex: unknown = true) => newPipe(duplex), {});

function newPipe(duplex: unknown): [PipeConnection, PipeConnection] {
  if (typeof duplex === 'object' && duplex !== null) duplex = (duplex as { duplex?: unknown }).duplex ?? true;
  if (typeof duplex !== 'boolean') throw new TypeError(`Pipe: duplex must be a boolean, not ${describe(duplex)}`);
  const memory: SystemMemory = systemMemory();
  const both = { readable: true, writable: true };
  const [first, second] = makePipe(
    memory,
    duplex
      ? [both, both]
      : [
          { readable: true, writable: false },
          { readable: false, writable: true },
        ],
  );
  return [endAt(first), endAt(second)];
}
