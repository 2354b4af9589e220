/**
 * Processes, and what each child process loads beside the base.
 *
 * @module
 */

import './base.ts';
import '../process/process.ts';

export { runChild } from '../process/process-main.ts';
