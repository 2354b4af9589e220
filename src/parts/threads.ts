/**
 * What programs with threads use: their primitives and queues.
 *
 * @module
 */

import './base.ts';
import * as queue from '../queue.ts';
import * as threading from '../threading.ts';
import { nameExports } from './names.ts';

/** What each entry point exports, by its name below `threadwork/`. */
export const modules = nameExports({ threading, queue });
