/**
 * How children end, and signals.
 *
 * @module
 */

import './processes.ts';
import * as os from '../os.ts';
import * as signal from '../signal.ts';
import { nameExports } from './names.ts';

export { checkPlatform } from '../memory/libc.ts';

/** What each entry point exports, by its name below `threadwork/`. */
export const modules = nameExports({ os, signal });
