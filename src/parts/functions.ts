/**
 * What finds out about functions: loaded when the first one is sent.
 *
 * @module
 */

import './base.ts';

export * from '../pickle/source.ts';
