import type { Address } from '../process/socket-address.ts';
import { Reception } from './reception.ts';
import type { Registry } from './registry.ts';
import { Server } from './server.ts';

/**
 * A server that runs in this thread: what `BaseManager.getServer()` gives. It works as long as the thread's event loop
 * turns; its types may be functions that share variables with the rest of the program.
 *
 * Python: `multiprocessing.managers.Server`
 */
export class StandaloneServer {
  readonly #server: Server;
  readonly #reception: Reception;
  #ended: Promise<void> | null = null;

  /** @internal */
  constructor(registry: Registry, address: Address, authkey: Uint8Array) {
    this.#server = new Server(registry);
    this.#reception = new Reception(this.#server, address, authkey);
    this.#server.address = this.#reception.address;
    this.#server.onShutdown = () => this.stop();
    this.#server.listen();
  }

  /** Where it listens, with the port that the system chose. */
  get address(): readonly [host: string, port: number] | string {
    return this.#reception.address;
  }

  /**
   * Resolves when the server has ended: by {@link stop}, or because a client has asked for it. Unlike Python's it does
   * not block: the server lives on the event loop of this thread, which has to turn.
   */
  serveForever(): Promise<void> {
    this.#ended ??= this.#server.open
      ? new Promise((resolve) => {
          this.#server.whenStopped(resolve);
        })
      : Promise.resolve();
    return this.#ended;
  }

  /** Ends the server: every connection is closed. Does nothing the second time. */
  stop(): void {
    this.#reception.close();
    this.#server.stop();
  }

  /** Ends it (`using server = …`). */
  [Symbol.dispose](): void {
    this.stop();
  }

  /** Ends it (`await using server = …`). */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
  }
}
