/**
 * Where a manager is in its life, and its way to the server.
 *
 * ```
 * INITIAL ── begun, connected ──▶ STARTED ── end ──▶ SHUTDOWN
 * ```
 *
 * Who started the server ends it: a manager that is connected to one that runs elsewhere has a gate, and no server.
 */

import { AssertionError, ProcessError } from '../errors.ts';
import type { Gate } from './gate.ts';
import type { ServerProcess } from './server-process.ts';

const INITIAL = 0;
const STARTED = 1;
const SHUTDOWN = 2;

/** Ends the servers of managers that nobody has any more. */
const abandoned = new FinalizationRegistry<ServerProcess>((server) => {
  server.process.terminate();
  server.ended();
});

export class ManagerState {
  /** What messages call the manager. */
  readonly #who: string;
  #phase = INITIAL;
  #server: ServerProcess | null = null;
  #gate: Gate | null = null;

  constructor(who: string) {
    this.#who = who;
  }

  /** Whether it was neither started nor connected. */
  get isInitial(): boolean {
    return this.#phase === INITIAL;
  }

  /** The server, also when it has ended; null: it was not started here. */
  get server(): ServerProcess | null {
    return this.#server;
  }

  /** The server that was started here. @throws ProcessError there is none */
  own(method: string): ServerProcess {
    if (this.#server !== null) return this.#server;
    throw new ProcessError(`${this.#who}.${method}: the server was not started by this manager`);
  }

  /** The way to the server. @throws AssertionError it is not open */
  gate(what: string): Gate {
    if (this.#phase === STARTED) return this.#gate as Gate;
    throw new AssertionError(
      this.#phase === INITIAL
        ? `${this.#who}.${what}: server not yet started; call start() or connect() first`
        : `${this.#who}.${what}: the manager has shut down`,
    );
  }

  /** @throws ProcessError it was started or connected */
  checkInitial(method: string): void {
    if (this.#phase === INITIAL) return;
    const why = this.#phase === STARTED ? 'Already started server' : 'Manager has shut down';
    throw new ProcessError(`${this.#who}.${method}: ${why}; make another manager`);
  }

  /** The server that was started here serves. */
  begun(server: ServerProcess): void {
    this.#server = server;
    this.connected(server.gate);
    // Only the manager has its state: both are collected together.
    abandoned.register(this, server, this);
  }

  /** There is a way to a server. */
  connected(gate: Gate): void {
    this.#gate = gate;
    this.#phase = STARTED;
  }

  /** No more is asked of the server, which the caller ends; null: that was done. @throws ProcessError as {@link own} */
  end(method: string): ServerProcess | null {
    const server = this.own(method);
    if (this.#phase === SHUTDOWN) return null;
    this.#phase = SHUTDOWN;
    abandoned.unregister(this);
    return server;
  }
}
