import type { Socket } from 'node:net';
import { OSError, TimeoutError } from '../errors.ts';
import { beginWait } from '../memory/flow.ts';
import { errorOf, loadSockets } from '../memory/libc-sockets.ts';
import type { Connection } from '../queue/connection.ts';
import { asyncWaitOf } from '../sync/async-wait.ts';
import { callable } from '../sync/bind.ts';
import { toMilliseconds } from '../sync/timeout.ts';
import { FrameBuffer } from './framing.ts';
import { checkKey, Introduction } from './handshake.ts';
import { handshakeMilliseconds, isOptions } from './listener.ts';
import { whenReadable } from './readiness.ts';
import { type Address, type Endpoint, endpointOf, type Family, show, sockaddrsOf } from './socket-address.ts';
import { SocketConnection } from './socket-connection.ts';
import { onEndOfWait } from './wait-end.ts';

const EAGAIN = 11;
const DEFAULT_HANDSHAKE_SECONDS = 20;
/** Between two attempts to connect to a Unix socket whose listener has no room: nothing tells when it has. */
const NO_ROOM_MILLISECONDS = 5;

/** Settings of {@link Client}. */
export interface ClientOptions {
  /** Where the listener is: `[host, port]`, `{ host, port }`, or the path of a Unix socket. */
  address: Address;
  /** `'AF_INET'`, `'AF_INET6'` or `'AF_UNIX'`; absent: what the address is. */
  family?: Family | null;
  /** The key of the listener. Absent: none is shown, and none is asked for. */
  authkey?: Uint8Array | null;
  /** Seconds to wait for the connection at most (ours); absent: as long as the system tries. */
  timeout?: number | null;
  /** Seconds that the listener has to accept the connection and to show that it knows the key (default 20, ours). */
  handshakeTimeout?: number;
}

/** Settings of {@link ClientAsync}. */
export interface ClientAsyncOptions extends ClientOptions {
  /** Ends the attempt; the promise rejects with its reason. */
  signal?: AbortSignal;
}

interface Wanted {
  endpoint: Endpoint;
  key: Uint8Array | undefined;
  milliseconds: number;
  patience: number;
  signal: AbortSignal | undefined;
}

/** What `Client` and `ClientAsync` take: options, an address with options, or the positional arguments of Python. */
export type ClientArguments<O> =
  | [options: O]
  | [address: Address, options: Omit<O, 'address'>]
  | [address: Address, family?: Family | null, authkey?: Uint8Array | null];

/** How {@link Client} is called. */
export interface ClientFactory {
  <T = unknown>(address: Address, family?: Family | null, authkey?: Uint8Array | null): Connection<T>;
  <T = unknown>(options: ClientOptions): Connection<T>;
  <T = unknown>(address: Address, options: Omit<ClientOptions, 'address'>): Connection<T>;
  new <T = unknown>(address: Address, family?: Family | null, authkey?: Uint8Array | null): Connection<T>;
  new <T = unknown>(options: ClientOptions): Connection<T>;
  new <T = unknown>(address: Address, options: Omit<ClientOptions, 'address'>): Connection<T>;
}

/**
 * Connects to a `Listener`, of threadwork or of Python, over TCP or a Unix socket; blocks this thread meanwhile.
 *
 * The connection belongs to this thread.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Client
 *
 * @throws ConnectionRefusedError nobody listens there. @throws FileNotFoundError there is no such Unix socket.
 * @throws AuthenticationError the keys differ. @throws EOFError the listener has sent this away.
 * @throws TimeoutError the listener did not accept, or did not answer, in time.
 * @throws ValueError no address. @throws TypeError the key is no bytes.
 */
export const Client: ClientFactory = callable('Client', makeClient, SocketConnection.prototype);

function makeClient(...args: unknown[]): SocketConnection {
  const wanted = wantedBy(args as ClientArguments<ClientOptions>, 'Client');
  const descriptor = connect(wanted);
  return guarded(descriptor, () => {
    const { key, patience } = wanted;
    if (key === undefined) return new SocketConnection(descriptor, new FrameBuffer());
    const introduction = new Introduction('client', descriptor, key, patience);
    while (!introduction.proceed()) {
      const left = introduction.deadline - performance.now();
      if (left <= 0) throw silence(wanted);
      loadSockets().poll([{ descriptor }], left);
    }
    return new SocketConnection(descriptor, introduction.frames);
  });
}

/**
 * {@link Client} while the event loop goes on. Takes the same arguments, and a `signal` in its options.
 * @throws the signal's reason when it is aborted: there is no connection then.
 */
export async function ClientAsync<T = unknown>(...args: ClientArguments<ClientAsyncOptions>): Promise<Connection<T>> {
  const wanted = wantedBy(args, 'ClientAsync');
  beginWait(wanted.signal);
  const descriptor = wanted.endpoint.family === 'AF_UNIX' ? await connectToPath(wanted) : await connectToHost(wanted);
  const { key } = wanted;
  if (key === undefined) return new SocketConnection<T>(descriptor, new FrameBuffer());
  const introduction = guarded(descriptor, () => new Introduction('client', descriptor, key, wanted.patience));
  try {
    while (!introduction.proceed()) await readable(descriptor, introduction.deadline, wanted);
  } catch (error) {
    loadSockets().close(descriptor);
    throw error;
  }
  return new SocketConnection<T>(descriptor, introduction.frames);
}

function wantedBy(args: ClientArguments<ClientAsyncOptions>, who: string): Wanted {
  const [first, second, third] = args as [Address | ClientAsyncOptions, unknown, Uint8Array | null | undefined];
  let options: ClientAsyncOptions;
  if (isOptions<ClientAsyncOptions>(first)) options = first;
  else if (typeof second === 'object' && second !== null) options = { ...second, address: first };
  else options = { address: first, family: second as Family, authkey: third };
  return {
    endpoint: endpointOf(options.address, options.family, who),
    key: checkKey(options.authkey, who),
    milliseconds: toMilliseconds(options.timeout, who),
    patience: handshakeMilliseconds(options.handshakeTimeout ?? DEFAULT_HANDSHAKE_SECONDS, who),
    signal: asyncWaitOf({ signal: options.signal }, who).signal,
  };
}

function guarded<R>(descriptor: number, work: () => R): R {
  try {
    return work();
  } catch (error) {
    loadSockets().close(descriptor);
    throw error;
  }
}

/** Connects, blocking, to the first address of a host that lets it. */
function connect(wanted: Wanted): number {
  const deadline = performance.now() + wanted.milliseconds;
  let failure: unknown;
  for (const sockaddr of sockaddrsOf(wanted.endpoint)) {
    const descriptor = loadSockets().open(wanted.endpoint.family);
    try {
      connectTo(descriptor, sockaddr, wanted, deadline);
      return descriptor;
    } catch (error) {
      loadSockets().close(descriptor);
      failure = explain(error, wanted.endpoint);
      if (performance.now() >= deadline) break;
    }
  }
  throw failure;
}

function connectTo(descriptor: number, sockaddr: Buffer, wanted: Wanted, deadline: number): void {
  const sockets = loadSockets();
  if (wanted.endpoint.family === 'AF_UNIX') {
    while (!sockets.connectToPath(descriptor, sockaddr)) {
      if (performance.now() >= deadline) throw late(wanted);
    }
    return;
  }
  if (!sockets.connect(descriptor, sockaddr)) {
    while (sockets.poll([{ descriptor, toSend: true }], deadline - performance.now()).length === 0) {
      if (performance.now() >= deadline) throw late(wanted);
    }
    sockets.checkConnected(descriptor);
  }
  sockets.disableDelay(descriptor);
}

async function connectToPath(wanted: Wanted): Promise<number> {
  const sockets = loadSockets();
  const deadline = performance.now() + wanted.milliseconds;
  const descriptor = sockets.open('AF_UNIX');
  const [sockaddr] = sockaddrsOf(wanted.endpoint);
  try {
    while (!sockets.connect(descriptor, sockaddr)) {
      if (performance.now() >= deadline) throw late(wanted);
      await new Promise((resolve) => setTimeout(resolve, NO_ROOM_MILLISECONDS));
      beginWait(wanted.signal);
    }
    return descriptor;
  } catch (error) {
    sockets.close(descriptor);
    throw error === wanted.signal?.reason ? error : explain(error, wanted.endpoint);
  }
}

/** Has Node connect, which looks names up beside the event loop, and takes the socket over. */
function connectToHost(wanted: Wanted): Promise<number> {
  const { host, port, family } = wanted.endpoint;
  const { Socket } = process.getBuiltinModule('node:net');
  return new Promise((resolve, reject) => {
    const socket: Socket = new Socket();
    const end = (settle: () => void): void => {
      clear();
      socket.destroy();
      settle();
    };
    const clear = onEndOfWait(wanted, (reason) => end(() => reject(reason ?? late(wanted))));
    socket.on('error', (error: NodeJS.ErrnoException) => end(() => reject(explainNode(error, wanted.endpoint))));
    socket.on('connect', () => {
      try {
        const { _handle: handle } = socket as unknown as { _handle: { fd: number } };
        const descriptor = loadSockets().duplicate(handle.fd);
        guarded(descriptor, () => loadSockets().disableDelay(descriptor));
        end(() => resolve(descriptor));
      } catch (error) {
        end(() => reject(error));
      }
    });
    socket.pause(); // what comes is for the connection
    const anyHost = family === 'AF_INET6' ? '::1' : '127.0.0.1';
    socket.connect({ host: host || anyHost, port, family: family === 'AF_INET6' ? 6 : 4 });
  });
}

/** Waits until something has come. */
function readable(descriptor: number, deadline: number, wanted: Wanted): Promise<void> {
  const milliseconds = Math.max(deadline - performance.now(), 0);
  return new Promise((resolve, reject) => {
    const cancel = whenReadable(descriptor, () => {
      clear();
      resolve();
    });
    const clear = onEndOfWait({ milliseconds, signal: wanted.signal }, (reason) => {
      cancel();
      reject(reason ?? silence(wanted));
    });
  });
}

function late({ endpoint, milliseconds }: Wanted): Error {
  return new TimeoutError(`Client: no connection to ${show(endpoint)} within ${milliseconds / 1000} s`);
}

function silence({ endpoint, patience }: Wanted): Error {
  return new TimeoutError(
    `Client: the listener at ${show(endpoint)} did not show within ${patience / 1000} s that it knows the key; ` +
      'has it an authkey, and does it accept?',
  );
}

function explain(error: unknown, endpoint: Endpoint): unknown {
  const { errno } = error as OSError;
  if (errno === undefined) return error;
  if (errno === EAGAIN) return new OSError(`Client: the listener at ${show(endpoint)} has no room`, { errno });
  return errorOf(errno, `Client: cannot connect to ${show(endpoint)}`);
}

function explainNode(error: NodeJS.ErrnoException, endpoint: Endpoint): Error {
  if (error.syscall === 'getaddrinfo') return new OSError(`the host "${endpoint.host}" is unknown: ${error.message}`);
  return errorOf(-(error.errno ?? 0), `Client: cannot connect to ${show(endpoint)}`);
}
