/**
 * Python's built-in exceptions, and those of the mirrored modules, as JavaScript classes.
 *
 * Every class extends `Error`, and `error.name` is Python's name. `threading` and `multiprocessing` raise the same
 * classes. See https://docs.python.org/3/library/exceptions.html
 *
 * @module
 */

/** What is wrong does not fall into any other class: starting a thread twice, releasing a lock that is not held. */
export class RuntimeError extends Error {
  override name = 'RuntimeError';
}

/** An argument has the right type, but a value that makes no sense. */
export class ValueError extends Error {
  override name = 'ValueError';
}

/** An operation had an argument of the wrong type: JavaScript's own class. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: it is exported under Python's name, and is the global one
export const TypeError: TypeErrorConstructor = globalThis.TypeError;

/** A rule of the called object was broken; `multiprocessing.Process` reports misuse before its start with it. */
export class AssertionError extends Error {
  override name = 'AssertionError';
}

/** A pipe or connection has reached its end: the peer is gone and nothing is left to read. */
export class EOFError extends Error {
  override name = 'EOFError';
}

/** The operating system refused a call. */
export class OSError extends Error {
  override name = 'OSError';
  /** The number of the error (`errno`), where the system gave one. */
  declare errno?: number;

  constructor(message?: string, options?: ErrorOptions & { errno?: number }) {
    super(message, options);
    if (options?.errno !== undefined) this.errno = options.errno;
  }
}

/** The other end of a pipe is closed. */
export class BrokenPipeError extends OSError {
  override name = 'BrokenPipeError';
}

/** Nobody listens at the address. */
export class ConnectionRefusedError extends OSError {
  override name = 'ConnectionRefusedError';
}

/** The named file or block of shared memory does not exist. */
export class FileNotFoundError extends OSError {
  override name = 'FileNotFoundError';
}

/** The named file or block of shared memory exists already. */
export class FileExistsError extends OSError {
  override name = 'FileExistsError';
}

/** There is no such child process, or its status was reported before. */
export class ChildProcessError extends OSError {
  override name = 'ChildProcessError';
}

/** There is no such process. */
export class ProcessLookupError extends OSError {
  override name = 'ProcessLookupError';
}

/** The operating system does not allow it. */
export class PermissionError extends OSError {
  override name = 'PermissionError';
}

/** A time-out passed (`concurrent.futures` and the built-in `TimeoutError` of Python). */
export class TimeoutError extends Error {
  override name = 'TimeoutError';
}

/** A mapping has no such key. */
export class KeyError extends Error {
  override name = 'KeyError';
}

/** An object has no such attribute or method, or does not show it (`multiprocessing.managers`). */
export class AttributeError extends Error {
  override name = 'AttributeError';
}

/** A sequence has no such index. */
export class IndexError extends Error {
  override name = 'IndexError';
}

/** The feature does not exist on this platform. */
export class NotImplementedError extends RuntimeError {
  override name = 'NotImplementedError';
}

/** The shared memory has no room for what was asked. */
export class MemoryError extends Error {
  override name = 'MemoryError';
}

/** What `signal.defaultIntHandler` throws: the user has pressed Ctrl-C. */
export class KeyboardInterrupt extends Error {
  override name = 'KeyboardInterrupt';
}

/** `queue.Empty`: nothing could be taken without waiting, or within the time-out. */
export class Empty extends Error {
  override name = 'Empty';
}

/** `queue.Full`: nothing could be put without waiting, or within the time-out. */
export class Full extends Error {
  override name = 'Full';
}

/** `queue.ShutDown`: the queue was shut down. */
export class ShutDown extends Error {
  override name = 'ShutDown';
}

/** A `Barrier` is broken: reset or aborted, a party timed out, or a party died while others waited. */
export class BrokenBarrierError extends RuntimeError {
  override name = 'BrokenBarrierError';
}

/** `threading.ThreadError`: an alias of {@link RuntimeError}, as in Python. */
export const ThreadError = RuntimeError;
/** The instance type of {@link ThreadError}. */
export type ThreadError = RuntimeError;

/** The base of the errors of `multiprocessing`. */
export class ProcessError extends Error {
  override name = 'ProcessError';
}

/** `Connection.recvBytesInto()`: the message is longer than the buffer; `message` as bytes is in `bytes`. */
export class BufferTooShort extends ProcessError {
  override name = 'BufferTooShort';
  /** The whole message, which the pipe no longer holds. */
  declare bytes?: Uint8Array;
}

/** A peer did not know the key. */
export class AuthenticationError extends ProcessError {
  override name = 'AuthenticationError';
}

/** A manager's server could not answer a call: its result cannot be sent, or what it is about is gone. */
export class RemoteError extends ProcessError {
  override name = 'RemoteError';
}

/** `multiprocessing.TimeoutError`: a time-out of `AsyncResult.get()` and its kin; no subclass of the built-in one. */
export class MultiprocessingTimeoutError extends ProcessError {
  override name = 'TimeoutError';
}

/** `concurrent.futures.CancelledError`: the future was cancelled. */
export class CancelledError extends Error {
  override name = 'CancelledError';
}

/** `concurrent.futures.InvalidStateError`: the operation is not allowed in the future's state. */
export class InvalidStateError extends Error {
  override name = 'InvalidStateError';
}

/** `concurrent.futures.BrokenExecutor`: the executor can run nothing any more. */
export class BrokenExecutor extends RuntimeError {
  override name = 'BrokenExecutor';
}

/** A thread of the pool could not start. */
export class BrokenThreadPool extends BrokenExecutor {
  override name = 'BrokenThreadPool';
}

/** A process of the pool ended abruptly. */
export class BrokenProcessPool extends BrokenExecutor {
  override name = 'BrokenProcessPool';
}

/** A worker of a `Pool` ended abruptly while it ran the task; the message says how (ours). */
export class WorkerDiedError extends ProcessError {
  override name = 'WorkerDiedError';
}

/**
 * gevent's `GreenletExit`: raised in a greenlet that is killed. It is no error: a greenlet that ends with it is
 * successful, with it as its value. A `catch` for everything has to pass it on.
 */
export class GreenletExit extends Error {
  override name = 'GreenletExit';
}

/** A value cannot travel to another thread or process; the message names the property path or the variable. */
export class PicklingError extends Error {
  override name = 'PicklingError';
}

/** Waiting would close a cycle of threads and processes that wait for each other. */
export class DeadlockError extends RuntimeError {
  override name = 'DeadlockError';
}

/** The thread or process that held the lock ended without releasing it. The lock is free again. */
export class OwnerDiedError extends RuntimeError {
  override name = 'OwnerDiedError';
}
