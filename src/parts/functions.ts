/**
 * What reads the source text of functions, with the parser: loaded when the first function is sent.
 *
 * @module
 */

import './threads.ts';

export * from '../pickle/source.ts';
