/**
 * The C library, through koffi: the one file that names it. Loaded when something of `multiprocessing` is first used.
 * The calls on sockets are in libc-sockets.ts.
 *
 * Linux only. Elsewhere every call would need another one (`os_sync_wait_on_address` on macOS; Windows has no wait
 * on an address across processes), so that `loadLibc` says plainly that the platform is not supported yet.
 */

import { arch, platform } from 'node:process';
import { NotImplementedError, OSError } from '../errors.ts';

/** System calls that glibc has no function for, by architecture. */
const SYSCALLS: Record<string, { futex: number; pidfdOpen: number } | undefined> = {
  x64: { futex: 202, pidfdOpen: 434 },
  arm64: { futex: 98, pidfdOpen: 434 },
};

const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const MFD_CLOEXEC = 1;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MAP_NORESERVE = 0x4000;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const POLLIN = 1;
const P_PID = 1;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;
const PR_SET_PDEATHSIG = 1;
const EINTR = 4;
const ETIMEDOUT = 110;

/** How a child ended, as `waitid` tells it: `code` 1 = exited with `status`, else killed by signal `status`. */
export interface ChildStatus {
  code: number;
  status: number;
}

export interface Libc {
  /** An anonymous file of `bytes` zero bytes; returns its descriptor. */
  memfd(name: string, bytes: number): number;
  /** Maps a file shared, for reading and writing; returns the address. */
  map(descriptor: number, bytes: number): number;
  /** The same in place of `bytes` bytes that begin with whole pages of the program's own. */
  mapOver(pages: Uint8Array, descriptor: number, bytes: number): number;
  /** Puts zeros that nobody else sees in place of mapped memory: what still reads there does not crash. */
  blank(address: number, bytes: number): void;
  /** Gives mapped memory back. Nothing may read or write there any more. */
  unmap(address: number, bytes: number): void;
  /** A view of mapped memory. */
  view(address: number, bytes: number): ArrayBuffer;
  /** Sleeps while the word at `address` holds `expected`. */
  futexWait(address: number, expected: number, milliseconds: number): 'ok' | 'not-equal' | 'timed-out';
  futexWake(address: number, count: number): void;
  /** A pipe that does not block; returns [reader, writer]. */
  pipe(): [number, number];
  /** A descriptor that becomes readable when the process ends; -1 if there is no such process. */
  pidfdOpen(pid: number): number;
  /** Closes a descriptor that this file's calls have opened. */
  close(descriptor: number): void;
  /** Waits until one of the descriptors is readable; returns the indexes of those that are. */
  poll(descriptors: readonly number[], milliseconds: number): number[];
  /** The same in a thread of libuv's pool, while the event loop goes on; keeps the program alive. */
  pollAsync(descriptors: readonly number[], milliseconds: number): Promise<number[]>;
  /** How a child ended, without reaping it; null while it runs, 'gone' if it is no (longer a) child of this process. */
  waitid(pid: number): ChildStatus | null | 'gone';
  /** Has the kernel send `signal` to this process when the thread that created it ends; 0 takes that back. */
  setParentDeathSignal(signal: number): void;
}

let libc: Libc | undefined;

/** @throws NotImplementedError on a platform that is not supported yet. */
export function loadLibc(): Libc {
  libc ??= bind();
  return libc;
}

/** @throws NotImplementedError on a platform that is not supported yet. */
export function checkPlatform(): { futex: number; pidfdOpen: number } {
  const numbers = SYSCALLS[arch];
  if (platform === 'linux' && numbers !== undefined) return numbers;
  throw new NotImplementedError(
    `threadwork/multiprocessing and threadwork/signal do not support ${platform} on ${arch} yet: ` +
      'they run on Linux (x64 and arm64). threadwork/threading and threadwork/queue work here.',
  );
}

let opened: { koffi: typeof import('koffi'); library: import('koffi').LibraryHandle } | undefined;

/** The C library itself, for the calls that have a file of their own. @throws NotImplementedError as {@link loadLibc} */
export function openLibrary(): NonNullable<typeof opened> {
  if (opened === undefined) {
    checkPlatform();
    const koffi = loadKoffi();
    opened = { koffi, library: koffi.load(null) };
  }
  return opened;
}

function bind(): Libc {
  const numbers = checkPlatform();
  const { koffi, library } = openLibrary();
  const memfdCreate = library.func('int memfd_create(const char *name, uint flags)');
  const ftruncate = library.func('int ftruncate(int fd, int64 length)');
  const mmap = library.func('int64 mmap(void *addr, size_t length, int prot, int flags, int fd, int64 offset)');
  const munmap = library.func('int munmap(int64 addr, size_t length)');
  const pipe2 = library.func('int pipe2(int *fds, int flags)');
  const close = library.func('int close(int fd)');
  const poll = library.func('int poll(void *fds, ulong count, int timeout)');
  const waitid = library.func('int waitid(int idtype, uint id, void *info, int options)');
  const prctl = library.func('int prctl(int option, ulong a, ulong b, ulong c, ulong d)');
  const futexCall = library.func(
    'long syscall(long number, int64 addr, int op, int value, void *timeout, void *addr2, int value3)',
  );
  const syscall2 = library.func('long syscall(long number, long a, long b)');

  const fail = (call: string): never => {
    const errno = koffi.errno();
    throw new OSError(`${call} failed with errno ${errno}`, { errno });
  };
  const check = (call: string, result: number): number => (result === -1 ? fail(call) : result);
  const timespec = new BigInt64Array(2);

  return {
    memfd(name, bytes) {
      const descriptor = check('memfd_create', memfdCreate(name, MFD_CLOEXEC));
      check('ftruncate', ftruncate(descriptor, bytes));
      return descriptor;
    },
    map(descriptor, bytes) {
      return check('mmap', mmap(null, bytes, PROT_READ_WRITE, MAP_SHARED | MAP_NORESERVE, descriptor, 0));
    },
    mapOver(pages, descriptor, bytes) {
      const flags = MAP_SHARED | MAP_FIXED | MAP_NORESERVE;
      return check('mmap', mmap(pages, bytes, PROT_READ_WRITE, flags, descriptor, 0));
    },
    blank(address, bytes) {
      const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
      check('mmap', mmap(address, bytes, PROT_READ_WRITE, flags, -1, 0));
    },
    unmap(address, bytes) {
      check('munmap', munmap(address, bytes));
    },
    view: (address, bytes) => koffi.view(address as never, bytes),
    futexWait(address, expected, milliseconds) {
      const whole = Math.floor(milliseconds / 1000);
      timespec[0] = BigInt(whole);
      timespec[1] = BigInt(Math.floor((milliseconds - whole * 1000) * 1e6));
      if (futexCall(numbers.futex, address, FUTEX_WAIT, expected, timespec, null, 0) === 0) return 'ok';
      const errno = koffi.errno();
      return errno === ETIMEDOUT ? 'timed-out' : errno === EINTR ? 'ok' : 'not-equal';
    },
    futexWake(address, count) {
      futexCall(numbers.futex, address, FUTEX_WAKE, count, null, null, 0);
    },
    pipe() {
      const descriptors = new Int32Array(2);
      check('pipe2', pipe2(descriptors, O_NONBLOCK | O_CLOEXEC));
      return [descriptors[0], descriptors[1]];
    },
    close(descriptor) {
      // Node's own closeSync() warns in a worker of a descriptor that Node has not opened.
      check('close', close(descriptor));
    },
    pidfdOpen: (pid) => syscall2(numbers.pidfdOpen, pid, 0),
    poll(descriptors, milliseconds) {
      const fds = pollfds(descriptors);
      poll(fds, descriptors.length, wholeMilliseconds(milliseconds));
      return readable(fds);
    },
    pollAsync(descriptors, milliseconds) {
      const fds = pollfds(descriptors);
      return new Promise((resolve) => {
        poll.async(fds, descriptors.length, wholeMilliseconds(milliseconds), () => resolve(readable(fds)));
      });
    },
    waitid(pid) {
      // siginfo_t: si_signo, si_errno, si_code at words 0 to 2; si_pid, si_uid, si_status at words 4 to 6.
      const info = new Int32Array(32);
      if (waitid(P_PID, pid, info, WEXITED | WNOHANG | WNOWAIT) === -1) return 'gone';
      return info[4] === 0 ? null : { code: info[2], status: info[6] };
    },
    setParentDeathSignal(signal) {
      prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0);
    },
  };
}

/** An array of `struct pollfd`: an int, and two shorts for the events that are asked for and those that came. */
function pollfds(descriptors: readonly number[]): Int32Array {
  const words = new Int32Array(descriptors.length * 2);
  for (const [i, descriptor] of descriptors.entries()) {
    words[i * 2] = descriptor;
    words[i * 2 + 1] = POLLIN;
  }
  return words;
}

function readable(fds: Int32Array): number[] {
  return [...Array(fds.length / 2).keys()].filter((i) => fds[i * 2 + 1] >>> 16 !== 0);
}

function wholeMilliseconds(milliseconds: number): number {
  return Math.min(Math.ceil(milliseconds), 0x7fff_ffff);
}

let binary = '';

/** Tells where koffi's binary is: a parent process has found it. */
export function useKoffi(path: string): void {
  binary = path;
}

/** The path of koffi's binary, empty if its own JavaScript had to find it. */
export function koffiBinary(): string {
  return binary;
}

/**
 * Koffi's JavaScript finds out which of its binaries is the right one, which takes longer than loading that: the one
 * that a parent has found is loaded at once, else the likely one is tried first.
 */
function loadKoffi(): typeof import('koffi') {
  if (binary !== '') {
    try {
      const module = { exports: {} };
      process.dlopen(module, binary);
      return module.exports as typeof import('koffi');
    } catch {
      binary = '';
    }
  }
  const { createRequire } = process.getBuiltinModule('node:module');
  const require = createRequire(import.meta.url);
  try {
    const fromKoffi = createRequire(require.resolve('koffi'));
    binary = fromKoffi.resolve(`@koromix/koffi-linux-${arch}/linux_${arch}/koffi.node`);
    return require(binary);
  } catch {
    binary = '';
    return require('koffi');
  }
}
