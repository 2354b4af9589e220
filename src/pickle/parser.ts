/**
 * The parser and the scope analyser, loaded when the first function needs them. The build puts both into one file
 * beside it: to find and compile two packages and what they depend on would take longer than all the rest of the first
 * start of a thread.
 */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

interface Parser {
  acorn: typeof import('acorn');
  scope: { analyze(program: object, options: object): unknown };
}

let parser: Parser | undefined;

export function loadParser(): Parser {
  if (parser === undefined) {
    const require = createRequire(import.meta.url);
    const built = new URL('./parser.cjs', import.meta.url);
    parser = existsSync(built)
      ? (require(fileURLToPath(built)) as Parser)
      : { acorn: require('acorn'), scope: require('eslint-scope') };
  }
  return parser;
}
