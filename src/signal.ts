/**
 * Signals, their handlers, and timers that send them: Python's `signal`.
 *
 * Handlers need Linux (x64, arm64), as `multiprocessing` does.
 *
 * Python: https://docs.python.org/3/library/signal.html
 *
 * @module signal
 */

export { KeyboardInterrupt } from './errors.ts';
export {
  getsignal,
  SIG_DFL,
  SIG_IGN,
  type SignalDisposition,
  type SignalHandler,
  signal,
} from './signal/handlers.ts';
export {
  SIGABRT,
  SIGALRM,
  SIGBUS,
  SIGCHLD,
  SIGCONT,
  SIGFPE,
  SIGHUP,
  SIGILL,
  SIGINT,
  SIGIO,
  SIGIOT,
  SIGKILL,
  SIGPIPE,
  SIGPOLL,
  SIGPROF,
  SIGPWR,
  SIGQUIT,
  SIGSEGV,
  SIGSTKFLT,
  SIGSTOP,
  SIGSYS,
  SIGTERM,
  SIGTRAP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
  SIGURG,
  SIGUSR1,
  SIGUSR2,
  SIGVTALRM,
  SIGWINCH,
  SIGXCPU,
  SIGXFSZ,
  validSignals,
} from './signal/numbers.ts';
export { pause, pauseAsync } from './signal/pause.ts';
export { defaultIntHandler, raiseSignal, strsignal } from './signal/raise.ts';
export { alarm, getitimer, ITIMER_PROF, ITIMER_REAL, ITIMER_VIRTUAL, setitimer } from './signal/timers.ts';
export type { WaitAsyncOptions } from './sync/async-wait.ts';
