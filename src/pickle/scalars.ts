/** Small built-in objects: Date, RegExp, boxed primitives, URL, and symbols. */

import type { Decoding } from './decoding.ts';
import type { Encoding } from './encoding.ts';
import { refuse } from './refuse.ts';
import { BOXED, DATE, REGEXP, SYMBOL, URL_OBJECT } from './wire.ts';

const REGISTERED = 0;
const WELL_KNOWN = 1;

const wellKnown = new Map<symbol, string>();
for (const name of Object.getOwnPropertyNames(Symbol)) {
  const value = Symbol[name as keyof SymbolConstructor] as unknown;
  if (typeof value === 'symbol') wellKnown.set(value, name);
}

export function writeSymbol(e: Encoding, symbol: symbol): void {
  const key = Symbol.keyFor(symbol);
  const name = key ?? wellKnown.get(symbol);
  if (name === undefined) {
    refuse(e, symbol, 'is not registered, so the other side has no equal of it', 'Use Symbol.for(name) or a string.');
  }
  e.byte(SYMBOL);
  e.byte(key === undefined ? WELL_KNOWN : REGISTERED);
  e.string(name);
}

export function readSymbol(d: Decoding): symbol {
  const kind = d.bytes[d.position++];
  const name = d.string();
  if (kind === REGISTERED) return Symbol.for(name);
  for (const [symbol, known] of wellKnown) if (known === name) return symbol;
  throw new TypeError(`This version of Node has no Symbol.${name}.`);
}

export function writeDate(e: Encoding, date: Date): void {
  e.byte(DATE);
  e.number(date.getTime());
}

export function readDate(d: Decoding): Date {
  const date = new Date(d.number());
  d.add(date);
  return date;
}

/** As the structured clone does, `lastIndex` starts at 0 again. */
export function writeRegExp(e: Encoding, regexp: RegExp): void {
  e.byte(REGEXP);
  e.string(regexp.source);
  e.string(regexp.flags);
}

export function readRegExp(d: Decoding): RegExp {
  const regexp = new RegExp(d.string(), d.string());
  d.add(regexp);
  return regexp;
}

export function writeUrl(e: Encoding, url: URL): void {
  e.byte(URL_OBJECT);
  e.string(url.href);
}

export function readUrl(d: Decoding): URL {
  const url = new URL(d.string());
  d.add(url);
  return url;
}

export function writeBoxed(e: Encoding, box: object): void {
  e.byte(BOXED);
  e.value((box as { valueOf(): unknown }).valueOf());
}

export function readBoxed(d: Decoding): object {
  const slot = d.hold();
  const box = Object(d.value());
  d.fill(slot, box);
  return box;
}
