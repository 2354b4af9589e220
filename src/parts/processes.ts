/**
 * Processes, what works across them, and what comes from elsewhere: what every child process loads.
 *
 * @module
 */

import './threads.ts';
import './children.ts';
import '../process/context.ts';
import '../process/current.ts';
import '../queue/multiprocessing.ts';
import '../sync/multiprocessing.ts';
import * as connection from '../multiprocessing/connection.ts';
import * as sharedMemory from '../multiprocessing/shared-memory.ts';
import { nameExports } from './names.ts';

export { checkPlatform } from '../memory/libc.ts';

/** What each entry point exports, by its name below `threadwork/`. */
export const modules = nameExports({
  'multiprocessing/connection': connection,
  'multiprocessing/sharedMemory': sharedMemory,
});
