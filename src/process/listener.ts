import { AuthenticationError, OSError, PicklingError, TimeoutError, ValueError } from '../errors.ts';
import { beginWait } from '../memory/flow.ts';
import { errorOf, loadSockets } from '../memory/libc-sockets.ts';
import { registerReducer } from '../pickle/reducer.ts';
import type { Connection } from '../queue/connection.ts';
import { asyncWaitOf, type WaitAsyncOptions } from '../sync/async-wait.ts';
import { describe, toMilliseconds } from '../sync/timeout.ts';
import { checkKey } from './handshake.ts';
import { type Guest, Reception } from './reception.ts';
import {
  type Address,
  addressOf,
  type Endpoint,
  endpointOf,
  type Family,
  freshEndpoint,
  removeFresh,
  show,
  sockaddrsOf,
} from './socket-address.ts';
import { SocketConnection } from './socket-connection.ts';
import { enterSocketFile, removeSocketFile } from './socket-file.ts';
import { closeAtEnd, forget } from './socket-handle.ts';
import { onEndOfWait } from './wait-end.ts';

const EADDRINUSE = 98;
const DEFAULT_BACKLOG = 128;
const DEFAULT_HANDSHAKE_SECONDS = 10;

/** Settings of a {@link Listener}. */
export interface ListenerOptions {
  /**
   * Where to listen: `[host, port]`, `{ host, port }`, or the path of a Unix socket. Port 0 is any that is free; an
   * empty host is every address of the machine. Absent: a fresh path in a folder that only this user may enter.
   */
  address?: Address | null;
  /** `'AF_INET'`, `'AF_INET6'` or `'AF_UNIX'`; absent: what the address is. */
  family?: Family | null;
  /** How many connections the system keeps that nobody has accepted yet (default 128; Python: 1). */
  backlog?: number;
  /** The key that both sides must know. Absent: whoever connects is accepted. */
  authkey?: Uint8Array | null;
  /** Seconds that a peer has to show that it knows the key (default 10, ours). */
  handshakeTimeout?: number;
}

/**
 * Waits for other programs to connect, over TCP or a Unix socket: threadwork's, or Python's with its
 * `multiprocessing.connection.Client`.
 *
 * Belongs to the thread that made it. Is closed at the end of that thread, and of a `using` block.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Listener
 */
export class Listener<T = unknown> {
  readonly #reception: Reception;
  readonly #resource: ListeningSocket;
  #lastAccepted: readonly [string, number] | string | null = null;

  /**
   * @param address where to listen, or all {@link ListenerOptions}.
   * @throws OSError the address is in use, or not of this machine. @throws FileNotFoundError there is no such folder.
   * @throws ValueError no address, or not of the family. @throws TypeError the key is no bytes.
   */
  constructor(
    address?: Address | ListenerOptions | null,
    family?: Family | null,
    backlog?: number,
    authkey?: Uint8Array | null,
  ) {
    const options = isOptions<ListenerOptions>(address) ? address : { address, family, backlog, authkey };
    const key = checkKey(options.authkey, 'Listener');
    const size = options.backlog ?? DEFAULT_BACKLOG;
    if (!Number.isInteger(size)) throw new TypeError(`Listener: backlog must be an integer, not ${describe(size)}`);
    const patience = handshakeMilliseconds(options.handshakeTimeout ?? DEFAULT_HANDSHAKE_SECONDS, 'Listener');
    this.#resource = new ListeningSocket(options.address, options.family, Math.min(Math.max(size, 0), 0x7fff_ffff));
    this.#reception = new Reception(this.#resource.descriptor, key, patience);
    abandoned.register(this, this.#resource, this);
  }

  /** The address that it is bound to, with the port that the system chose. */
  get address(): readonly [host: string, port: number] | string {
    return this.#resource.address;
  }

  /** Where the last connection that was accepted came from; `null` before, empty for a Unix socket. */
  get lastAccepted(): readonly [host: string, port: number] | string | null {
    return this.#lastAccepted;
  }

  /**
   * Accepts a connection; blocks this thread until there is one, with the right key if one is asked for. Peers that
   * say nothing, break off or do not speak the protocol are sent away meanwhile and hold up nobody.
   *
   * @param timeout seconds to wait at most (ours); `null`: for ever.
   * @throws AuthenticationError a peer answered, and did not know the key; it is sent away, and `accept` may be called
   * again. @throws TimeoutError nobody came in time. @throws OSError the listener is closed.
   */
  accept(timeout: number | null = null): Connection<T> {
    const milliseconds = toMilliseconds(timeout, 'Listener.accept');
    this.#checkOpen('accept');
    const guest = this.#reception.await(milliseconds);
    if (guest === undefined) throw new TimeoutError(`Listener.accept: nobody came within ${timeout} s`);
    return this.#welcome(guest);
  }

  /** {@link accept} while the event loop goes on. @throws the signal's reason when it is aborted: nobody was accepted. */
  async acceptAsync(options?: number | null | WaitAsyncOptions): Promise<Connection<T>> {
    const wait = asyncWaitOf(options, 'Listener.acceptAsync');
    this.#checkOpen('acceptAsync');
    beginWait(wait.signal);
    return new Promise((resolve, reject) => {
      let leave = (): void => {};
      const clear = onEndOfWait(wait, (reason) => {
        leave();
        reject(reason ?? new TimeoutError(`Listener.acceptAsync: nobody came within ${wait.milliseconds / 1000} s`));
      });
      leave = this.#reception.awaitAsync({
        welcome: (guest) => {
          clear();
          resolve(this.#welcome(guest));
        },
        fail: (error) => {
          clear();
          reject(error);
        },
      });
    });
  }

  /** Stops listening; who waits in `acceptAsync` gets an `OSError`. The connections that were accepted stay. */
  close(): void {
    if (this.#resource.closed) return;
    abandoned.unregister(this);
    this.#reception.close(new OSError('Listener.acceptAsync: listener is closed; it was closed while this waited'));
    this.#resource.close();
  }

  /** Closes it (`using listener = …`). */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes it (`await using listener = …`). */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Accepts connections, blocking, until the listener is closed; passes over peers with a wrong key (ours). */
  *[Symbol.iterator](): IterableIterator<Connection<T>> {
    while (!this.#resource.closed) {
      let connection: Connection<T>;
      try {
        connection = this.accept();
      } catch (error) {
        this.#passOver(error);
        continue;
      }
      yield connection;
    }
  }

  /** Accepts connections while the event loop goes on, until the listener is closed; as the blocking iterator. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<Connection<T>> {
    while (!this.#resource.closed) {
      let connection: Connection<T>;
      try {
        connection = await this.acceptAsync();
      } catch (error) {
        this.#passOver(error);
        continue;
      }
      yield connection;
    }
  }

  #passOver(error: unknown): void {
    if (this.#resource.closed || error instanceof AuthenticationError) return;
    throw error;
  }

  #welcome({ descriptor, frames, address }: Guest): Connection<T> {
    this.#lastAccepted = address;
    return new SocketConnection<T>(descriptor, frames);
  }

  #checkOpen(method: string): void {
    if (this.#resource.closed) throw new OSError(`Listener.${method}: listener is closed`);
  }
}

/** Whether an argument is an options object: an address that is an object has a port. */
export function isOptions<O extends object>(argument: O | Address | null | undefined): argument is Exclude<O, Address> {
  return typeof argument === 'object' && argument !== null && !Array.isArray(argument) && !('port' in argument);
}

/** @throws ValueError */
export function handshakeMilliseconds(seconds: number | null, who: string): number {
  const milliseconds = toMilliseconds(seconds, who);
  if (milliseconds <= 0) throw new ValueError(`${who}: handshakeTimeout must be positive, not ${seconds}`);
  return milliseconds;
}

const abandoned = new FinalizationRegistry<ListeningSocket>((socket) => socket.close());

/** A bound socket, and the file that stands for it. */
class ListeningSocket {
  readonly descriptor: number;
  readonly address: readonly [string, number] | string;
  closed = false;
  /** The file, where there is one (socket-file.ts). */
  readonly #file: number;

  constructor(address: Address | null | undefined, family: Family | null | undefined, backlog: number) {
    const sockets = loadSockets();
    const none = address === undefined || address === null;
    const endpoint = none ? freshEndpoint(family, 'Listener') : endpointOf(address, family, 'Listener');
    const hasFile = endpoint.family === 'AF_UNIX' && !endpoint.path.startsWith('\0');
    let descriptor = -1;
    let file = 0;
    try {
      const [sockaddr] = sockaddrsOf(endpoint);
      descriptor = sockets.open(endpoint.family);
      sockets.bind(descriptor, sockaddr);
      if (hasFile) file = enterSocketFile(endpoint.path, none);
      sockets.listen(descriptor, backlog);
      this.address = addressOf(sockets.addressOf(descriptor));
    } catch (error) {
      if (descriptor !== -1) sockets.close(descriptor);
      if (file !== 0) removeSocketFile(file);
      else if (hasFile && none) removeFresh(endpoint);
      throw explain(error, endpoint);
    }
    this.descriptor = descriptor;
    this.#file = file;
    closeAtEnd(this);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    forget(this);
    loadSockets().close(this.descriptor);
    if (this.#file !== 0) removeSocketFile(this.#file);
  }
}

function explain(error: unknown, endpoint: Endpoint): unknown {
  const { errno, message } = error as OSError;
  if (errno === undefined) return error;
  if (errno !== EADDRINUSE) return errorOf(errno, `Listener: cannot listen at ${show(endpoint)}`);
  const hint =
    endpoint.family === 'AF_UNIX' && !endpoint.path.startsWith('\0')
      ? 'the file exists: another listener uses it, or a program that was killed has left it (then remove it)'
      : 'another program listens there';
  return new OSError(`Listener: cannot listen at ${show(endpoint)}: ${message}; ${hint}`, { errno });
}

registerReducer(Listener, {
  tag: 'multiprocessing.Listener',
  dump(_listener, context): never {
    throw new PicklingError(
      `${context.path()}: a Listener belongs to the thread that made it and cannot be sent; send its address`,
    );
  },
  load(): never {
    throw new PicklingError('a Listener cannot be received');
  },
});
