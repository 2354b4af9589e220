/**
 * Managers, and all of `multiprocessing`, which has one too.
 *
 * @module
 */

import './pools.ts';
import '../manager/pickled-proxy.ts';
import * as managers from '../multiprocessing/managers.ts';
import * as multiprocessing from '../multiprocessing.ts';
import { nameExports } from './names.ts';

export { checkPlatform } from '../memory/libc.ts';

/** What each entry point exports, by its name below `threadwork/`. */
export const modules = nameExports({ multiprocessing, 'multiprocessing/managers': managers });
