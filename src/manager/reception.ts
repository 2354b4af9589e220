import { AuthenticationError } from '../errors.ts';
import { outsideFlows } from '../memory/flow.ts';
import { Listener } from '../process/listener.ts';
import type { Address } from '../process/socket-address.ts';
import type { Server } from './server.ts';
import { GuestSession } from './session.ts';
import { SocketLine } from './socket-line.ts';

/** Between two attempts to accept when the system has no room for another connection. */
const NO_ROOM_MILLISECONDS = 50;

/** Lets other programs use a server that know its key. */
export class Reception {
  readonly #listener: Listener;
  readonly #server: Server;
  #open = true;

  /** @throws OSError the address is in use */
  constructor(server: Server, address: Address, authkey: Uint8Array) {
    this.#server = server;
    this.#listener = new Listener({ address, authkey });
    void outsideFlows(() => this.#accept());
  }

  get address(): readonly [host: string, port: number] | string {
    return this.#listener.address;
  }

  close(): void {
    this.#open = false;
    this.#listener.close();
  }

  async #accept(): Promise<void> {
    for (let number = 1; this.#open; number++) {
      try {
        const connection = await this.#listener.acceptAsync();
        const from = this.#listener.lastAccepted;
        const where = Array.isArray(from) ? `${from[0]}:${from[1]}` : `connection ${number}`;
        this.#server.enter(new GuestSession(this.#server, new SocketLine(connection), `another program (${where})`));
      } catch (error) {
        if (!this.#open) return;
        // Who does not know the key was sent away; that is nobody else's business.
        if (!(error instanceof AuthenticationError)) await new Promise((go) => setTimeout(go, NO_ROOM_MILLISECONDS));
      }
    }
  }
}
