/**
 * Greenlets.
 *
 * @module
 */

import './threads.ts';
import * as coroutine from '../coroutine.ts';
import { nameExports } from './names.ts';

/** What each entry point exports, by its name below `threadwork/`. */
export const modules = nameExports({ coroutine });
