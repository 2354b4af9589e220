/**
 * What every worker and every child process loads: the memory, the pickler and threads.
 *
 * @module
 */

import * as errors from '../errors.ts';
import { nameExports } from './names.ts';

export { setCompiledCode } from '../memory/compiled-code.ts';
export { setPartLoader } from '../memory/parts.ts';
export { runWorker } from '../thread/worker-main.ts';

/** What each entry point exports, by its name below `threadwork/`. */
export const modules = nameExports({ errors });
