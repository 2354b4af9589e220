/**
 * The executor over BullMQ and its worker. The packages themselves are loaded when one of the two is made.
 *
 * @module
 */

import './pools.ts';
import * as bullmq from '../futures/bullmq.ts';
import { nameExports } from './names.ts';

export { runCommand } from '../pool/bullmq-command.ts';

/** What each entry point exports, by its name below `threadwork/`. */
export const modules = nameExports({ 'futures/bullmq': bullmq });
