/**
 * The calls on signals and timers of the C library, and of libuv, which Node exports for add-ons.
 *
 * A signal must not run JavaScript at any place. libuv's handler therefore writes its number into the pipe of every
 * event loop that watches for it, and Node's loop emits the event when it turns. A thread that blocks has a second
 * loop of its own here, which nothing else uses: it is told of the same signals, its descriptor can be waited for with
 * others, and turning it once (`UV_RUN_NOWAIT`, 0.4 microseconds) runs nothing but our callback. This takes public
 * calls of libuv alone, and nothing away from listeners of `process`.
 */

import { OSError } from '../errors.ts';
import { openLibrary } from './libc.ts';

const UV_SIGNAL = 16;
const UV_RUN_NOWAIT = 2;
const EINVAL = 22;

/** What the kernel does when a signal comes. */
export const DEFAULT = 0;
export const IGNORED = 1;

/** Hears of signals also while the event loop stands still. */
export interface SignalWatcher {
  /** Becomes readable when a signal that is watched for has come. */
  readonly descriptor: number;
  start(signum: number): void;
  stop(signum: number): void;
  /** The signals that have come since the last call, each as often as it came. */
  caught(): number[];
}

export interface SignalCalls {
  /** Has SIGALRM come in so many seconds; 0: not at all. Returns the seconds that were left of the alarm before. */
  alarm(seconds: number): number;
  /** Starts one of the three timers of a process, or stops it (0); returns what was left and its interval, in seconds. */
  setitimer(which: number, seconds: number, interval: number): [number, number];
  getitimer(which: number): [number, number];
  /** {@link DEFAULT}, {@link IGNORED}, or the address of a handler. */
  disposition(signum: number): number;
  setDisposition(signum: number, disposition: typeof DEFAULT | typeof IGNORED): void;
  /** Sends a signal to this very thread: its native handler has run when this returns. */
  raise(signum: number): void;
  /** What a signal means, in words. */
  describe(signum: number): string;
  watcher(): SignalWatcher;
}

let calls: SignalCalls | undefined;

/** @throws NotImplementedError on a platform that is not supported yet. */
export function loadSignals(): SignalCalls {
  calls ??= bind();
  return calls;
}

function bind(): SignalCalls {
  const { koffi, library } = openLibrary();
  const alarm = library.func('uint alarm(uint seconds)');
  const setitimer = library.func('int setitimer(int which, void *value, void *before)');
  const getitimer = library.func('int getitimer(int which, void *value)');
  const sigaction = library.func('int sigaction(int signum, void *action, void *before)');
  const signal = library.func('int64 signal(int signum, int64 disposition)');
  const raise = library.func('int raise(int signum)');
  const strsignal = library.func('const char *strsignal(int signum)');

  const check = (call: string, result: number): number => {
    if (result !== -1) return result;
    const errno = koffi.errno();
    throw new OSError(`${call} failed with errno ${errno}${errno === EINVAL ? ' (EINVAL)' : ''}`, { errno });
  };
  // struct itimerval: interval and value, each in seconds and microseconds.
  const itimer = (call: (value: BigInt64Array) => void): [number, number] => {
    const words = new BigInt64Array(4);
    call(words);
    const [interval, microseconds, left, leftMicroseconds] = [...words].map(Number);
    return [left + leftMicroseconds / 1e6, interval + microseconds / 1e6];
  };
  let watcher: SignalWatcher | undefined;

  return {
    alarm: (seconds) => alarm(seconds),
    setitimer: (which, seconds, interval) =>
      itimer((before) => {
        const value = BigInt64Array.of(...timeval(interval), ...timeval(seconds));
        check('setitimer', setitimer(which, value, before));
      }),
    getitimer: (which) =>
      itimer((value) => {
        check('getitimer', getitimer(which, value));
      }),
    disposition(signum) {
      const before = new BigInt64Array(20); // struct sigaction has 152 bytes and begins with the handler
      check('sigaction', sigaction(signum, null, before));
      return Number(before[0]);
    },
    setDisposition(signum, disposition) {
      check(`signal(${signum})`, signal(signum, disposition));
    },
    raise(signum) {
      check(`raise(${signum})`, raise(signum));
    },
    describe: (signum) => strsignal(signum),
    watcher() {
      watcher ??= createWatcher();
      return watcher;
    },
  };
}

/** Rounded up: a time that is not 0 must not become 0, which stops the timer. */
function timeval(seconds: number): [bigint, bigint] {
  const microseconds = BigInt(Math.ceil(seconds * 1e6));
  return [microseconds / 1_000_000n, microseconds % 1_000_000n];
}

function createWatcher(): SignalWatcher {
  const { koffi, library } = openLibrary();
  const calloc = library.func('int64 calloc(size_t count, size_t size)');
  const loopSize = library.func('size_t uv_loop_size()');
  const handleSize = library.func('size_t uv_handle_size(int type)');
  const initLoop = library.func('int uv_loop_init(int64 loop)');
  const backend = library.func('int uv_backend_fd(int64 loop)');
  const run = library.func('int uv_run(int64 loop, int mode)');
  const initSignal = library.func('int uv_signal_init(int64 loop, int64 handle)');
  const Listener = koffi.proto('void ThreadworkSignalListener(int64 handle, int signum)');
  const startSignal = library.func('int uv_signal_start(int64 handle, ThreadworkSignalListener *listener, int signum)');
  const stopSignal = library.func('int uv_signal_stop(int64 handle)');

  const check = (call: string, result: number): void => {
    if (result < 0) throw new OSError(`${call} failed with errno ${-result}`, { errno: -result });
  };
  // The loop and its handles stay to the end of the process: a signal may come at any time.
  const loop = calloc(1, loopSize());
  check('uv_loop_init', initLoop(loop));
  const handles = new Map<number, number>();
  let news: number[] = [];
  const listener = koffi.register((_: number, signum: number) => {
    news.push(signum);
  }, koffi.pointer(Listener));

  return {
    descriptor: backend(loop),
    start(signum) {
      let handle = handles.get(signum);
      if (handle === undefined) {
        handle = calloc(1, handleSize(UV_SIGNAL));
        check('uv_signal_init', initSignal(loop, handle as number));
        handles.set(signum, handle as number);
      }
      check(`uv_signal_start(${signum})`, startSignal(handle, listener, signum));
      // The loop asks the kernel about its pipe when it turns, not before.
      run(loop, UV_RUN_NOWAIT);
    },
    stop(signum) {
      const handle = handles.get(signum);
      if (handle !== undefined) stopSignal(handle);
    },
    caught() {
      run(loop, UV_RUN_NOWAIT);
      if (news.length === 0) return NONE;
      const caught = news;
      news = [];
      return caught;
    },
  };
}

const NONE: number[] = [];
