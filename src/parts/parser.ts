/**
 * The parser: loaded when the first function is sent as source text.
 *
 * @module
 */

import './threads.ts';

export * from '../pickle/parse.ts';
