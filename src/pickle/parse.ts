/**
 * The parser and the scope analyser. A function that is sent by name needs neither: the build puts them into a part of
 * their own, which is loaded at the first call (build/parts.ts). So only functions stand here.
 */

export { parse } from 'acorn';
export { analyze } from 'eslint-scope';
