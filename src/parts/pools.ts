/**
 * Pools and executors.
 *
 * @module
 */

import './processes.ts';
import * as piscina from '../futures/piscina.ts';
import * as futures from '../futures.ts';
import * as pool from '../multiprocessing/pool.ts';
import { nameExports } from './names.ts';

export { checkPlatform } from '../memory/libc.ts';
export { runPiscinaTask } from '../pool/piscina-serve.ts';

/** What each entry point exports, by its name below `threadwork/`. */
export const modules = nameExports({
  futures,
  'multiprocessing/pool': pool,
  'futures/piscina': piscina,
});
