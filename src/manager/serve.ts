/** The program of a manager's server process. */

import { loadLibc } from '../memory/libc.ts';
import { registerClass } from '../pickle/index.ts';
import type { Address } from '../process/socket-address.ts';
import { endpointOf } from '../process/socket-address.ts';
import { callTarget, type ResolvedTarget } from '../thread/target.ts';
import type { LineEnd } from './pipe-line.ts';
import { Reception } from './reception.ts';
import type { Registry } from './registry.ts';
import { Server } from './server.ts';

const SIGTERM = 15;

/** What a server has to know at its start. */
export interface ServerJob {
  registry: Registry;
  door: LineEnd;
  own: LineEnd;
  initializer: ResolvedTarget;
  initargs: readonly unknown[];
  /** Where to listen for other programs; absent: nowhere. */
  address?: Address;
  authkey: Uint8Array;
}

/** Serves until somebody asks for the end, and ends the process. */
export async function serveManager(job: ServerJob): Promise<void> {
  const server = new Server(job.registry, [job.door, job.own]);
  let reception: Reception | null = null;
  const ended = new Promise<void>((resolve) => {
    server.onShutdown = resolve;
  });
  // Ctrl-C reaches the whole group of processes; the program itself says when its manager has to end.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => server.onShutdown());
  try {
    await callTarget(job.initializer, job.initargs, null);
    if (job.address !== undefined) {
      // The file of a socket has to be removed, also when the parent was killed: there must be time for that.
      if (endpointOf(job.address, null, 'Manager').family === 'AF_UNIX') loadLibc().setParentDeathSignal(SIGTERM);
      reception = new Reception(server, job.address, job.authkey);
      server.address = reception.address;
    }
  } catch (error) {
    server.failure = { error };
  }
  server.listen();
  await ended;
  reception?.close();
  server.stop();
  process.exit(0);
}

registerClass('multiprocessing.managers.serve', serveManager);
