/**
 * What finds out about functions: loaded when the first one is sent.
 *
 * @module
 */

import './threads.ts';

export * from '../pickle/source.ts';
