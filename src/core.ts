/**
 * All of the library, as one file: what the entry points, every worker and every child process load. Being CommonJS, it
 * is there sooner than a graph of ES modules would be; the entry points are ES modules that name its exports (see
 * tsup.config.ts).
 *
 * @module
 */

import './travellers.ts';
import * as errors from './errors.ts';
import * as piscina from './futures/piscina.ts';
import * as futures from './futures.ts';
import * as connection from './multiprocessing/connection.ts';
import * as managers from './multiprocessing/managers.ts';
import * as pool from './multiprocessing/pool.ts';
import * as sharedMemory from './multiprocessing/shared-memory.ts';
import * as multiprocessing from './multiprocessing.ts';
import { registerClass } from './pickle/index.ts';
import { tagOfClass } from './pickle/reducer.ts';
import * as queue from './queue.ts';
import * as threading from './threading.ts';

export { setCompiledCode } from './memory/compiled-code.ts';
export { checkPlatform } from './memory/libc.ts';
export { runPiscinaTask } from './pool/piscina-serve.ts';
export { runChild } from './process/process-main.ts';
export { runWorker } from './thread/worker-main.ts';

/** What each entry point exports, by its name below `threadwork/`. */
export const modules = {
  errors,
  threading,
  queue,
  multiprocessing,
  futures,
  'multiprocessing/pool': pool,
  'multiprocessing/connection': connection,
  'multiprocessing/managers': managers,
  'multiprocessing/sharedMemory': sharedMemory,
  'futures/piscina': piscina,
};

// A function that uses something of the library finds it by name on the other side.
for (const [module, exports] of Object.entries(modules)) {
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value === 'function' && tagOfClass(value) === undefined)
      registerClass(`${module}:${name}`, value as never);
  }
}
