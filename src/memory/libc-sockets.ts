/**
 * The calls of the C library on sockets. Every descriptor that is made here does not block and is not inherited: who
 * has to wait does so with `poll`, in slices, so that a thread can end with the program.
 */

import { getSystemErrorMap } from 'node:util';
import { BrokenPipeError, ConnectionRefusedError, FileNotFoundError, OSError, TimeoutError } from '../errors.ts';
import { openLibrary } from './libc.ts';

export type SocketFamily = 'AF_INET' | 'AF_INET6' | 'AF_UNIX';

const FAMILIES: Record<SocketFamily, number> = { AF_UNIX: 1, AF_INET: 2, AF_INET6: 10 };
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_ERROR = 4;
const SO_SNDTIMEO = 21;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const MSG_NOSIGNAL = 0x4000;
const MSG_MORE = 0x8000;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;
const POLLIN = 1;
const POLLOUT = 4;

const ENOENT = 2;
const EINTR = 4;
const EAGAIN = 11;
const EPIPE = 32;
const EISCONN = 106;
const ECONNRESET = 104;
const ETIMEDOUT = 110;
const ECONNREFUSED = 111;
const EALREADY = 114;
const EINPROGRESS = 115;

/**
 * What `accept` may report that is about the one connection that was to be accepted, not about the listener (accept(2)):
 * ENONET, EPROTO, EOPNOTSUPP, ENETDOWN, ENETUNREACH, ENOPROTOOPT, ECONNABORTED, EHOSTDOWN, EHOSTUNREACH.
 */
const LOST_BEFORE_ACCEPT = new Set([64, 71, 95, 100, 101, 92, 103, 112, 113]);

/** The longest `sockaddr`: that of a path. */
const LONGEST_ADDRESS = 110;

/** How long a call of `poll` lasts at most, in milliseconds: a thread that blocks must be able to end. */
const SLICE = 250;

export interface Polled {
  descriptor: number;
  /** Ready when something can be sent; else when something can be received or accepted. */
  toSend?: boolean;
}

export interface Sockets {
  /** A stream socket. */
  open(family: SocketFamily): number;
  bind(descriptor: number, address: Uint8Array): void;
  listen(descriptor: number, backlog: number): void;
  /** A connection that has come in, and from where; undefined when there is none. */
  accept(descriptor: number): { descriptor: number; address: Buffer } | undefined;
  /** Begins to connect; false: it goes on, and is done when something can be sent. */
  connect(descriptor: number, address: Uint8Array): boolean;
  /**
   * Connects to a path, blocking for 250 ms at most; false: the listener has no room yet. There is nothing to poll for
   * such a room, so that this is the one call that blocks by itself.
   */
  connectToPath(descriptor: number, address: Uint8Array): boolean;
  /** Throws what went wrong with a connection that {@link connect} began. */
  checkConnected(descriptor: number): void;
  /** The address that the socket is bound to. */
  addressOf(descriptor: number): Buffer;
  /** Sends what is small at once instead of collecting it. */
  disableDelay(descriptor: number): void;
  /** Receives; 0: the peer is gone, -1: there is nothing yet. */
  receive(descriptor: number, into: Uint8Array): number;
  /** Sends as much as goes without waiting and says how much that was. `more`: something follows at once. */
  send(descriptor: number, bytes: Uint8Array, more: boolean): number;
  /** Another descriptor of the same socket. */
  duplicate(descriptor: number): number;
  close(descriptor: number): void;
  /** Waits until one is ready, for 250 ms at most; returns the indexes of those that are. */
  poll(entries: readonly Polled[], milliseconds: number): number[];
  /** The addresses of a host, as the system's resolver knows them; blocks meanwhile. */
  resolve(host: string, family: SocketFamily): Buffer[];
}

let sockets: Sockets | undefined;

/** @throws NotImplementedError on a platform that is not supported yet. */
export function loadSockets(): Sockets {
  sockets ??= bind();
  return sockets;
}

/** The error of a number, as Python chooses its class. */
export function errorOf(errno: number, what: string): Error {
  const [name, text] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, 'unknown error'];
  const message = `${what}: ${text} (${name})`;
  switch (errno) {
    case ENOENT:
      return new FileNotFoundError(message, { errno });
    case ECONNREFUSED:
      return new ConnectionRefusedError(message, { errno });
    case EPIPE:
    case ECONNRESET:
      return new BrokenPipeError(message, { errno });
    case ETIMEDOUT:
      return new TimeoutError(message);
    default:
      return new OSError(message, { errno });
  }
}

function bind(): Sockets {
  const { koffi, library } = openLibrary();
  const socket = library.func('int socket(int domain, int type, int protocol)');
  const bindCall = library.func('int bind(int fd, void *address, uint length)');
  const listen = library.func('int listen(int fd, int backlog)');
  const accept4 = library.func('int accept4(int fd, void *address, void *length, int flags)');
  const connect = library.func('int connect(int fd, void *address, uint length)');
  const getsockname = library.func('int getsockname(int fd, void *address, void *length)');
  const setsockopt = library.func('int setsockopt(int fd, int level, int name, void *value, uint length)');
  const getsockopt = library.func('int getsockopt(int fd, int level, int name, void *value, void *length)');
  const recv = library.func('long recv(int fd, void *buffer, size_t length, int flags)');
  const send = library.func('long send(int fd, void *buffer, size_t length, int flags)');
  const fcntl = library.func('int fcntl(int fd, int command, long argument)');
  const close = library.func('int close(int fd)');
  const poll = library.func('int poll(void *fds, ulong count, int timeout)');
  const getaddrinfo = library.func('int getaddrinfo(const char *node, void *service, void *hints, void *result)');
  const freeaddrinfo = library.func('void freeaddrinfo(int64 list)');
  const gaiStrerror = library.func('const char *gai_strerror(int code)');

  const fail = (what: string, errno = koffi.errno()): never => {
    throw errorOf(errno, what);
  };
  const check = (what: string, result: number): number => (result === -1 ? fail(what) : result);
  const setOption = (descriptor: number, level: number, name: number, value: number): void => {
    check('setsockopt', setsockopt(descriptor, level, name, Int32Array.of(value), 4));
  };
  /** Calls what fills in an address and its length. */
  const addressFrom = (call: (address: Buffer, length: Uint32Array) => void): Buffer => {
    const address = Buffer.alloc(LONGEST_ADDRESS + 18);
    const length = Uint32Array.of(address.length);
    call(address, length);
    return address.subarray(0, length[0]);
  };

  let polled = new Int32Array(2);

  return {
    open(family) {
      const descriptor = check('socket', socket(FAMILIES[family], SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      // IPv4 has addresses of its own: the same port stays free for it, whatever the system's default is.
      if (family === 'AF_INET6') setOption(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1);
      return descriptor;
    },
    bind(descriptor, address) {
      if (address[0] !== FAMILIES.AF_UNIX) setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
      check('bind', bindCall(descriptor, address, address.length));
    },
    listen(descriptor, backlog) {
      check('listen', listen(descriptor, backlog));
    },
    accept(descriptor) {
      let accepted = -1;
      const address = addressFrom((bytes, length) => {
        accepted = accept4(descriptor, bytes, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
      });
      if (accepted !== -1) return { descriptor: accepted, address };
      const errno = koffi.errno();
      if (errno === EAGAIN || errno === EINTR || LOST_BEFORE_ACCEPT.has(errno)) return undefined;
      return fail('accept', errno);
    },
    connect(descriptor, address) {
      if (connect(descriptor, address, address.length) === 0) return true;
      const errno = koffi.errno();
      if (errno === EISCONN) return true;
      if (errno === EINPROGRESS || errno === EALREADY || errno === EINTR || errno === EAGAIN) return false;
      return fail('connect', errno);
    },
    connectToPath(descriptor, address) {
      check('fcntl', fcntl(descriptor, F_SETFL, 0));
      try {
        const timeout = BigInt64Array.of(0n, BigInt(SLICE * 1000));
        check('setsockopt', setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, timeout, 16));
        return this.connect(descriptor, address);
      } finally {
        fcntl(descriptor, F_SETFL, SOCK_NONBLOCK);
      }
    },
    checkConnected(descriptor) {
      const error = new Int32Array(1);
      check('getsockopt', getsockopt(descriptor, SOL_SOCKET, SO_ERROR, error, Uint32Array.of(4)));
      if (error[0] !== 0) fail('connect', error[0]);
    },
    addressOf: (descriptor) =>
      addressFrom((address, length) => {
        check('getsockname', getsockname(descriptor, address, length));
      }),
    disableDelay(descriptor) {
      setOption(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    },
    receive(descriptor, into) {
      const received = recv(descriptor, into, into.length, 0);
      if (received !== -1) return received;
      const errno = koffi.errno();
      if (errno === EAGAIN || errno === EINTR) return -1;
      // Its program ended before it had read all that it was sent.
      if (errno === ECONNRESET || errno === EPIPE) return 0;
      return fail('recv', errno);
    },
    send(descriptor, bytes, more) {
      const sent = send(descriptor, bytes, bytes.length, more ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL);
      if (sent !== -1) return sent;
      const errno = koffi.errno();
      return errno === EAGAIN || errno === EINTR ? 0 : fail('send', errno);
    },
    duplicate: (descriptor) => check('fcntl', fcntl(descriptor, F_DUPFD_CLOEXEC, 0)),
    close(descriptor) {
      close(descriptor);
    },
    poll(entries, milliseconds) {
      const count = entries.length;
      // struct pollfd: the descriptor; what is asked and what is answered, two bytes each.
      if (polled.length < count * 2) polled = new Int32Array(count * 4);
      for (let i = 0; i < count; i++) {
        polled[i * 2] = entries[i].descriptor;
        polled[i * 2 + 1] = entries[i].toSend ? POLLOUT : POLLIN;
      }
      const slice = Math.ceil(Math.min(Math.max(milliseconds, 0), SLICE));
      const ready: number[] = [];
      if (poll(polled, count, slice) <= 0) return ready;
      for (let i = 0; i < count; i++) if (polled[i * 2 + 1] >>> 16 !== 0) ready.push(i);
      return ready;
    },
    resolve(host, family) {
      const hints = Int32Array.of(0, FAMILIES[family], SOCK_STREAM, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      const list = new BigInt64Array(1);
      const code = getaddrinfo(host, null, hints, list);
      if (code !== 0) throw new OSError(`the host "${host}" is unknown: ${gaiStrerror(code)}`);
      const addresses: Buffer[] = [];
      const first = Number(list[0]);
      // struct addrinfo: the length of the address at 16, the address at 24, the next one at 40.
      for (let at = first; at !== 0; ) {
        const entry = new DataView(koffi.view(at as never, 48));
        const address = Number(entry.getBigInt64(24, true));
        const bytes = new Uint8Array(koffi.view(address as never, entry.getUint32(16, true)));
        addresses.push(Buffer.from(bytes));
        at = Number(entry.getBigInt64(40, true));
      }
      freeaddrinfo(first);
      return addresses;
    },
  };
}
