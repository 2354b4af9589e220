/** What the build puts into `parser.cjs` (see parser.ts). */

export * as acorn from 'acorn';
export * as scope from 'eslint-scope';
