/** Compiles a function that arrived as text, at its original place, around variables that can still be filled. */

import vm from 'node:vm';
import { quieten } from './modules.ts';

export interface Source {
  strict: boolean;
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

function compile({ strict, url, line, column, text, variables }: Source): () => Instance {
  const cases = variables.map((name, i) => `case ${i}:${name}=__v;break;`).join('');
  // All on one line before the text, so that its lines and columns are those of the original file.
  const before = `(function(){${strict ? '"use strict";' : ''}${variables.length > 0 ? `let ${variables};` : ''}return{set(__i,__v){switch(__i){${cases}}},make:function(){return(`;
  const script = new vm.Script(`${before}${text}\n)}}})`, {
    filename: url,
    lineOffset: line,
    columnOffset: column - before.length,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (/\bimport\s*\(/.test(text)) quieten();
  return script.runInThisContext();
}
