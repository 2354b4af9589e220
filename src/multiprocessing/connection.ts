/**
 * Connections that carry messages, between threads, processes and programs: Python's `multiprocessing.connection`.
 *
 * On a platform other than Linux (x64, arm64), importing it is a `NotImplementedError`.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.connection
 *
 * @module multiprocessing/connection
 */

export { AuthenticationError, BufferTooShort } from '../errors.ts';
export { answerChallenge, deliverChallenge } from '../process/authentication.ts';
export {
  Client,
  type ClientArguments,
  ClientAsync,
  type ClientAsyncOptions,
  type ClientFactory,
  type ClientOptions,
} from '../process/client.ts';
export { Listener, type ListenerOptions } from '../process/listener.ts';
export type { Address, Family, InetAddress } from '../process/socket-address.ts';
export { type WaitObject, wait, waitAsync } from '../process/wait.ts';
export { Connection } from '../queue/connection.ts';
export type { ReceiveBytesOptions } from '../queue/connection-bytes.ts';
export type { WaitAsyncOptions } from '../sync/async-wait.ts';
