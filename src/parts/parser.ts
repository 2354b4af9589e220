/**
 * The parser: loaded when the first function is sent as source text.
 *
 * @module
 */

import './base.ts';

export * from '../pickle/parse.ts';
