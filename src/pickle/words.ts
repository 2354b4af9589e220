/**
 * Functions that need nothing of their surroundings are found out by their words: a word that no variable around the
 * function has can only be a local name, a property, a keyword, text, or a global of the platform. To load the parser
 * and to use it for the first time takes longer than all else that is done for a function.
 */

import type { Analysis } from './analysis.ts';
import { ownGlobal } from './globals.ts';
import type { ScopeVariables } from './inspector.ts';

const WORD = /[\w$\u0080-\uffff]+/g;
/** An arrow function, whose parameters have no brackets of their own, or one that says so. */
const ARROW = /^(?:async\s*)?(?:\([^()]*\)|[\w$]+)\s*=>/;
const FUNCTION = /^(?:async\s+)?function\s*\*?\s*([\w$]*)\s*\(/;
/** With these a function may mean something around it that is no variable. A name may be written with an escape. */
const SURROUNDINGS = /\b(?:this|super|arguments|import|eval|__vi\w*)\b|\bnew\s*[./]|\\u/;

/** What is known of a function without reading its syntax; undefined if that does not suffice. */
export function analyseWords(text: string, scopes: ScopeVariables[]): Analysis | undefined {
  const isArrow = ARROW.test(text);
  const own = FUNCTION.exec(text)?.[1];
  if ((!isArrow && own === undefined) || SURROUNDINGS.test(text)) return undefined;
  const words = text.match(WORD) ?? [];
  // Its own name, where that stands at its head only, is not looked up.
  const head = own && words.filter((word) => word === own).length === 1 ? own : undefined;
  for (const word of new Set(words)) {
    if (word === head) continue;
    if (scopes.some(({ variables }) => word in variables) || ownGlobal(word) !== undefined) return undefined;
  }
  return {
    form: 'expression',
    isArrow,
    isClass: false,
    free: [],
    importMetas: [],
    usesThis: false,
    usesSuper: false,
    usesNewTarget: false,
    statics: [],
  };
}
