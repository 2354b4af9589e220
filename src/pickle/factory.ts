/** Compiles a function that arrived as text, at its original place, around variables that can still be filled. */

import vm from 'node:vm';
import { quieten } from './modules.ts';

export interface Source {
  strict: boolean;
  /** The text is a method, which stands in an object. */
  method: boolean;
  /** The text has the lines of the file that was written, not of what a loader made of it. */
  laidOut: boolean;
  url: string;
  line: number;
  column: number;
  text: string;
  variables: string[];
}

/** One function's variables and the function itself, which exists from `make()` on. */
export interface Instance {
  set(index: number, value: unknown): void;
  make(): unknown;
}

const factories = new Map<string, () => Instance>();
/** Text that arrives once and never again must not stay for ever. */
const MOST_FACTORIES = 2000;

export function instantiate(source: Source): Instance {
  const key = `${source.url}\n${source.line}:${source.column}\n${source.variables}\n${source.text}`;
  let factory = factories.get(key);
  if (factory === undefined) {
    factory = compile(source);
    if (factories.size >= MOST_FACTORIES) factories.clear();
    factories.set(key, factory);
  }
  return factory();
}

function compile({ strict, method, laidOut, url, line, column, text, variables }: Source): () => Instance {
  const cases = variables.map((name, i) => `case ${i}:${name}=__v;break;`).join('');
  const directive = strict ? '"use strict";' : '';
  const declarations = variables.length > 0 ? `let ${variables};` : '';
  const frame = `(function(){${directive}${declarations}return{set(__i,__v){switch(__i){${cases}}},make:function(){return(${method ? '{' : ''}`;
  // The frame stands on the line before, so that the text has the lines and columns of the original file, and so that
  // the line that Node prints above an uncaught error looks like the original.
  const script = new vm.Script(`${frame}\n${' '.repeat(column)}${text}\n${method ? '}' : ''})}}})`, {
    // With the bare name Node would apply its source map of the loaded file to lines that are right already.
    filename: laidOut && process.getBuiltinModule('node:module').findSourceMap(url) ? `${url}#` : url,
    lineOffset: line - 1,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (/\bimport\s*\(/.test(text)) quieten();
  return script.runInThisContext();
}
