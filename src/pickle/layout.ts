/**
 * tsx and vite compile a file in memory: what the engine runs has other lines than the file, and a source map that only
 * this thread's Node knows. So a function is laid out like its original before it is sent: line feeds and spaces are put
 * before its tokens, where the source map says that they stood. Stacks then read right everywhere, without a map.
 */

import { SourceMap, type SourceMapPayload, type SourceMapping } from 'node:module';
import type { Script } from './inspector.ts';
import { tokensOf } from './syntax.ts';

export interface Placed {
  text: string;
  line: number;
  column: number;
}

const DATA = /^data:application\/json;(?:charset=[\w-]+;)?base64,/;
/** After these a line feed would end the statement. */
const ENDS_LINE = new Set(['return', 'throw', 'break', 'continue', 'yield', 'async']);
/** Before these a line feed would mean something else, or be part of a text. */
const KEEPS_LINE = new Set(['=>', '++/--', 'template', '`', '${']);

const maps = new Map<string, SourceMap | undefined>();

function mapOf(script: Script): SourceMap | undefined {
  if (!maps.has(script.id)) maps.set(script.id, readMap(script));
  return maps.get(script.id);
}

function readMap({ url, sourceMap }: Script): SourceMap | undefined {
  if (!DATA.test(sourceMap)) return undefined;
  try {
    const payload: SourceMapPayload = JSON.parse(Buffer.from(sourceMap.replace(DATA, ''), 'base64').toString());
    // A map to other files belongs to a build: there stacks show the built file at home as well.
    const name = url.split('?')[0].split('/').pop();
    const isSameFile = payload.sources.length === 1 && payload.sources[0].split('?')[0].split('/').pop() === name;
    return isSameFile ? new SourceMap(payload) : undefined;
  } catch {
    return undefined;
  }
}

/** Lays a function's text out as its original was; undefined where no map says how. */
export function layOut(script: Script, text: string, placed: { line: number; column: number }): Placed | undefined {
  const map = mapOf(script);
  if (map === undefined) return undefined;
  let result = '';
  let first: { line: number; column: number } | undefined;
  let line = 0;
  let column = 0;
  let end = 0;
  let before = '';
  // Where the next token stands in the generated file.
  const place = { ...placed, offset: 0 };
  for (const token of tokensOf(text)) {
    advance(place, text, token.start);
    const entry = map.findEntry(place.line, place.column) as SourceMapping;
    const gap = text.slice(end, token.start);
    let movable = !KEEPS_LINE.has(token.label) && !ENDS_LINE.has(before);
    if (entry.generatedLine !== place.line || entry.generatedColumn !== place.column) {
      movable = false;
    } else if (first === undefined) {
      // The map may leave out the first tokens: what was copied so far stands before this one.
      column += gap.length;
      first = { line: entry.originalLine - line, column: Math.max(0, entry.originalColumn - (line > 0 ? 0 : column)) };
      line = entry.originalLine;
      column = entry.originalColumn - gap.length;
    }
    // A line feed that was there may end a statement: one stays.
    let feeds = gap.includes('\n') ? 1 : 0;
    if (movable) feeds = Math.max(feeds, entry.originalLine - line);
    let spaces = feeds === 0 ? Math.min(gap.length, 1) : 0;
    if (feeds > 0) column = 0;
    line += feeds;
    if (movable && entry.originalLine === line) spaces = Math.max(spaces, entry.originalColumn - column);
    const word = text.slice(token.start, token.end);
    result += '\n'.repeat(feeds) + ' '.repeat(spaces) + word;
    const lastFeed = word.lastIndexOf('\n');
    line += lastFeed < 0 ? 0 : word.split('\n').length - 1;
    column = lastFeed < 0 ? column + spaces + word.length : word.length - lastFeed - 1;
    end = token.end;
    before = word;
  }
  return first && { text: result, ...first };
}

function advance(place: { line: number; column: number; offset: number }, text: string, to: number): void {
  for (; place.offset < to; place.offset++) {
    if (text[place.offset] === '\n') {
      place.line++;
      place.column = 0;
    } else {
      place.column++;
    }
  }
}
