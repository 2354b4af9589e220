/** The text of a function as another thread can compile it, with its place at home. */

import { type Analysis, analyse } from './analysis.ts';
import type { Encoding } from './encoding.ts';
import type { FunctionView, Script } from './inspector.ts';
import { layOut, type Placed } from './layout.ts';
import { refuse } from './refuse.ts';
import { type AnyNode, parseSource } from './syntax.ts';
import { analyseWords } from './words.ts';

/** What is the same for all functions of one place in the source. */
interface SharedCode {
  analysis: Analysis;
  /** The text, ready to be compiled as an expression; import.meta and the base class are variables in it. */
  text: string;
  /** Offset of the function in its script. */
  start: number;
  line: number;
  column: number;
  /** The text has been laid out like the original file. */
  laidOut: boolean;
  strict: boolean;
  /** The variable that holds the base class, where the class has one. */
  base: string | undefined;
}

export interface Code extends SharedCode {
  view: FunctionView;
}

/** As long as what it stands for, so that the columns of the line stay true. */
export const IMPORT_META = 'import_meta';
const BASE = '$base';

const cache = new Map<string, SharedCode>();

export function codeOf(e: Encoding, f: (...args: never[]) => unknown, view: FunctionView): Code {
  const { script, line, column } = view;
  const text = Function.prototype.toString.call(f);
  const key = `${script.id}:${line}:${column}:${text.length}`;
  let code = cache.get(key);
  if (code === undefined) {
    code = readCode(e, f, text, view);
    cache.set(key, code);
  }
  return { ...code, view };
}

function readCode(e: Encoding, f: (...args: never[]) => unknown, source: string, view: FunctionView): SharedCode {
  const { script } = view;
  const start = findStart(script, source, view);
  const strict = script.isModule || isStrict(script, f, start);
  // A private method alone: its name means nothing outside its class.
  const text = source.replace(/^((?:static\s+|async\s+|get\s+|set\s+|\*\s*)*)#/, '$1_');
  let analysis: Analysis;
  try {
    analysis = analyseWords(text, view.scopes) ?? analyse(text, strict && script.isModule ? 'module' : 'script');
  } catch (error) {
    refuse(e, f, `cannot be read (${(error as Error).message})`, 'Send a function that stands on its own.');
  }
  const place = placeOf(script.source, start) ?? view;
  const { isClass, heritage } = analysis;
  return {
    analysis,
    ...laidOut(script, rewrite(text, analysis), text, place),
    start,
    strict,
    base: isClass && heritage ? (heritage.name ?? BASE) : undefined,
  };
}

/** The engine gives a place inside the function; its text begins at or before it. */
function findStart(script: Script, text: string, { line, column }: FunctionView): number {
  let inside = 0;
  for (let i = 0; i < line; i++) inside = script.source.indexOf('\n', inside) + 1;
  inside += column;
  const before = script.source.lastIndexOf(text, inside);
  return before >= 0 && before + text.length >= inside ? before : script.source.indexOf(text);
}

function placeOf(source: string, offset: number): { line: number; column: number } | undefined {
  if (offset < 0) return undefined;
  let line = 0;
  let lineStart = 0;
  for (let at = source.indexOf('\n'); at >= 0 && at < offset; at = source.indexOf('\n', at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { line, column: offset - lineStart };
}

/** Whether code outside an ES module is strict. */
function isStrict(script: Script, f: object, start: number): boolean {
  if (Object.hasOwn(f, 'arguments')) return false;
  const { source } = script;
  if (!/['"]use strict['"]/.test(source)) return false;
  let program: AnyNode;
  try {
    program = parseSource(source, 'script');
  } catch {
    return true;
  }
  return directiveAround(program, start);
}

function directiveAround(node: AnyNode, offset: number): boolean {
  const body = 'body' in node ? node.body : undefined;
  const statements = Array.isArray(body) ? (body as AnyNode[]) : [];
  if (statements.some((s) => s.type === 'ExpressionStatement' && s.directive === 'use strict')) return true;
  for (const value of Object.values(node)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item === null || typeof item !== 'object' || typeof item.type !== 'string') continue;
      if (item.start <= offset && offset < item.end && directiveAround(item, offset)) return true;
    }
  }
  return false;
}

function laidOut(
  script: Script,
  text: string,
  source: string,
  place: { line: number; column: number },
): Placed & { laidOut: boolean } {
  const { line, column } = place;
  // What was put in the place of something shorter has moved the rest away from what the map knows.
  const placed = text.length === source.length ? layOut(script, text, place) : undefined;
  return placed === undefined ? { text, line, column, laidOut: false } : { ...placed, laidOut: true };
}

function rewrite(text: string, analysis: Analysis): string {
  const changes: { start: number; end: number; by: string }[] = [];
  for (const [start, end] of analysis.importMetas) changes.push({ start, end, by: IMPORT_META });
  const { heritage, form, computedKey } = analysis;
  if (heritage && heritage.name === undefined) changes.push({ start: heritage.start, end: heritage.end, by: BASE });
  if (form === 'method' && computedKey) {
    // From bracket to bracket: what stands between was worked out where the method was made.
    const start = text.lastIndexOf('[', computedKey.start);
    changes.push({ start, end: text.indexOf(']', computedKey.end) + 1, by: 'm' });
  }
  changes.sort((a, b) => b.start - a.start);
  let result = text;
  for (const { start, end, by } of changes) {
    const lines = result.slice(start, end).split('\n').length - 1;
    const filled = by.padEnd(end - start - lines) + '\n'.repeat(lines);
    result = result.slice(0, start) + filled + result.slice(end);
  }
  return result;
}
