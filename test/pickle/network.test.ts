import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AuthenticationError, PicklingError, ValueError } from '../../src/errors.ts';
import { loadsFromNetwork } from '../../src/pickle/network-decoder.ts';
import { dumps } from '../../src/pickle/pickle.ts';
import * as wire from '../../src/pickle/wire.ts';
import { Lock } from '../../src/sync/threading.ts';
import '../../src/thread/thread.ts';
import { Queue, Value } from '../../src/multiprocessing.ts';

const send = (value: unknown): Uint8Array => dumps(value, { scope: 'network' }).bytes.slice();
const there = (value: unknown): unknown => loadsFromNetwork(send(value));

/** Plain data of every kind that is written in its own way. */
function samples(): unknown[] {
  const cycle: { self?: unknown; list: unknown[] } = { list: [] };
  cycle.self = cycle;
  cycle.list.push(cycle, [cycle]);
  const buffer = new ArrayBuffer(64);
  const loose = Object.assign([1, 2], { extra: true });
  return [
    [0, 1, -1, 127, 128, -33, 40_000, 2 ** 31, 0.1, -0, Number.NaN, 10n ** 40n, -5n, true, null, undefined],
    ['', 'a', 'ü', '€uro', 'x'.repeat(100), '😀'.repeat(50), '\ud800 alone'],
    { a: { b: { c: [new Map([['k', new Set([1, 'two'])]])] } }, __proto__: null },
    [new Date(5), /x+/giu, new URL('https://example.org/?q'), Symbol.for('s'), Symbol.iterator, Object(7)],
    [Buffer.from('bytes'), new Float64Array(buffer, 8, 2), new Uint16Array(buffer), new DataView(buffer), buffer],
    // biome-ignore lint/suspicious/noSparseArray: holes travel
    [loose, [1, , 3], Object.assign([], { length: 5_000_000 })],
    Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`key${i}`, i])),
    [cycle, cycle.list],
    [
      new RangeError('far', { cause: new ValueError('near') }),
      new AggregateError([new Error('a'), new AuthenticationError('b'), new RangeError('c')], 'many'),
      new DOMException('stopped', 'AbortError'),
    ],
    Object.assign(Object.create({ inherited: 1 }), { own: 2 }),
  ];
}

describe('data over a network', () => {
  it.each(samples().map((sample, i) => [i, sample]))('sample %i arrives as it was', (_, sample) => {
    expect(there(sample)).toEqual(sample);
  });

  it('errors keep their classes, or get those of their base', () => {
    class Own extends ValueError {
      extra = [1];
    }
    const error = there(new Own('mine')) as ValueError & { extra: number[] };
    expect(error).toBeInstanceOf(ValueError);
    expect([error.name, error.message, error.extra]).toEqual(['ValueError', 'mine', [1]]);
    const dom = there(new DOMException('stopped', 'AbortError')) as DOMException;
    expect([dom instanceof DOMException, dom.name]).toEqual([true, 'AbortError']);
  });

  it('what is nested deeply arrives', () => {
    const DEPTH = 50_000;
    let nest: unknown[] = [];
    for (let i = 0; i < DEPTH; i++) nest = [nest];
    let depth = 0;
    for (let at = there(nest) as unknown[]; at.length > 0; at = at[0] as unknown[]) depth++;
    expect(depth).toBe(DEPTH);
  });

  it('cycles stay cycles', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const arrived = there(cycle) as unknown[];
    expect(arrived[0]).toBe(arrived);
  });
});

describe('what does not go over a network', () => {
  class Point {
    x = 1;
  }
  const captured = 1;
  const refused: [string, unknown, RegExp][] = [
    ['a function', { job: () => captured }, /^value\.job cannot be sent over a network connection: .*is code/],
    ['a class', [Point], /^value\[0\] .*is code/],
    ['a function of Node', { f: process.exit }, /^value\.f .*is code/],
    ['a built-in class', { f: RangeError }, /^value\.f .*is code/],
    ['a class of this library', [ValueError], /is code/],
    ['an object of Node', { p: process }, /^value\.p /],
    ['a namespace object', { Math }, /^value\.Math .*belongs to this program/],
    ['an instance', { p: new Point() }, /^value\.p .*instance of Point.*plain data/],
    ['a subclass of Map', new (class Table extends Map {})(), /instance of Table/],
    ['a lock', { lock: new Lock() }, /^value\.lock .*is shared by the threads/],
    ['a shared value', [Value('i', 1)], /^value\[0\] .*is shared/],
    ['a queue', new Map([['q', new Queue()]]), /^value\.get\("q"\) .*is shared/],
    ['a promise', Promise.resolve(1), /Promise/],
    ['a resizable buffer', [new ArrayBuffer(8, { maxByteLength: 2 ** 20 })], /resizable/],
    ['a SharedArrayBuffer', new SharedArrayBuffer(8), /SharedArrayBuffer/],
  ];
  it.each(refused)('%s', (_, value, message) => {
    expect(() => send(value)).toThrow(PicklingError);
    expect(() => send(value)).toThrow(message);
  });
});

/** Bytes as a peer would forge them. */
const forge = (...parts: (number | string | Uint8Array | number[])[]): Uint8Array =>
  Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'number') return Buffer.of(part);
      if (typeof part === 'string') return Buffer.from([wire.STRING | part.length, ...Buffer.from(part)]);
      return Buffer.from(part);
    }),
  );

describe('a forged message is a PicklingError', () => {
  const anError = [wire.ERROR, wire.LINK, wire.LINK_BUILTIN, 0x80, 1];
  const forged: [string, Uint8Array][] = [
    ['nothing', forge()],
    ['a function of Node by name', forge(wire.LINK, wire.LINK_BUILTIN, '', 2, 'process', 'exit')],
    ['a promise that calls it', forge(wire.OBJECT | 1, 'then', wire.LINK, wire.LINK_BUILTIN, '', 2, 'process', 'exit')],
    ['a module', forge(wire.LINK, wire.LINK_MODULE, 'file:///tmp/x.mjs', 'run')],
    ['a CommonJS module', forge(wire.LINK, wire.LINK_COMMONJS, 'file:///tmp/x.cjs', 'run')],
    ['a table of modules', forge(wire.MODULES, 1, 'node:fs', 1)],
    ['code', forge(wire.LINK, wire.LINK_CODE, 'id', 3, 0, 0, 0)],
    ['an instance', forge(wire.INSTANCE, wire.LINK, wire.LINK_BUILTIN, '', 1, 'Map')],
    ['a lock at an offset', forge(wire.REDUCED, 'threading.Lock', 64)],
    ['a lock of processes at an offset', forge(wire.REDUCED, 'multiprocessing.Lock', 64)],
    ['a thread', forge(wire.REDUCED, 'threading.Thread', 64)],
    ['an object of a class that nobody knows', forge(wire.REDUCED, 'nothing', 1)],
    ['a class as a value', forge(wire.ARRAY | 1, wire.LINK, wire.LINK_TAGGED, 'ValueError')],
    [
      'the class of an error as a value',
      forge(wire.ARRAY | 2, anError, 'Error', wire.UNDEFINED, 0, wire.OBJECT | 1, 'then', wire.REFERENCE, 2),
    ],
    ['an error of the class Function', forge(anError, 'Function', wire.UNDEFINED, 0)],
    ['an error of no class', forge(wire.ERROR, 5, wire.UNDEFINED, 0)],
    ['a symbol that is a function', forge(wire.SYMBOL, 1, 'constructor')],
    ['a long array of nothing', forge(wire.LONG_ARRAY, [0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['a long object', forge(wire.LONG_OBJECT, [0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['a long map', forge(wire.MAP, [0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['a long set', forge(wire.SET, [0xff, 0xff, 0xff, 0xff, 0x0f], 1)],
    ['a long buffer', forge(wire.ARRAY_BUFFER, [0xff, 0xff, 0xff, 0xff, 0x0f], 0)],
    ['a resizable buffer', forge(wire.ARRAY_BUFFER, 0, [0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['a view on a number', forge(wire.VIEW, 0, 0, 0, 0, wire.FLOAT64, [0, 0, 0, 0, 0x65, 0xcd, 0xcd, 0x41])],
    [
      'a view on an array-like object',
      forge(wire.VIEW, 0, 0, 0, 0, wire.OBJECT | 1, 'length', wire.INT32, [0, 0, 0, 0x40]),
    ],
    ['a long view', forge(wire.VIEW, 0, 1, [0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['a long string', forge(wire.LATIN1, [0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['a long BigInt', forge(wire.BIGINT, 0, [0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['a length without an end', forge(wire.LONG_ARRAY, new Uint8Array(2000).fill(0xff))],
    ['a reference to nothing', forge(wire.REFERENCE, 9)],
    ['a reference to what is not finished', forge(wire.BOXED, wire.REFERENCE, 0)],
    ['a bad regular expression', forge(wire.REGEXP, '(', 'q')],
    ['a bad URL', forge(wire.URL_OBJECT, 'no')],
    ['a container of no kind', forge(wire.ARRAY | 1, wire.LATER, 9)],
    ['a deferred value that is not there', forge(wire.ARRAY | 1, wire.LATER, 1)],
    ['something after the value', forge(1, 2)],
    ['a value that ends early', forge(wire.ARRAY | 3, 1, 2)],
    ['a deep nest', new Uint8Array(1_000_000).fill(wire.ARRAY | 1)],
    ['a deep nest of prototypes', new Uint8Array(1_000_000).fill(wire.DERIVED)],
    ['a deep nest of errors', new Uint8Array(1_000_000).fill(wire.BOXED)],
  ];
  it.each(forged)('%s', (_, bytes) => {
    const before = process.memoryUsage();
    expect(() => loadsFromNetwork(bytes)).toThrow(PicklingError);
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(64 * 2 ** 20);
    expect(after.heapUsed - before.heapUsed).toBeLessThan(256 * 2 ** 20);
  });

  it('an array that says it is long takes no memory', () => {
    const bytes = forge(
      wire.LONG_ARRAY,
      [0x80 | (1000 & 0x7f), 1000 >> 7],
      ...Array.from({ length: 1000 }, () => [wire.LOOSE_ARRAY, 0x80, 0x80, 0x80, 0x08, 0]),
    );
    const before = process.memoryUsage().heapUsed;
    const arrays = loadsFromNetwork(bytes) as unknown[][];
    expect(arrays[999].length).toBe(2 ** 24);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 2 ** 20);
  });
});

/** Loads, or throws a PicklingError; what is loaded has no function in it. */
function survive(bytes: Uint8Array): void {
  let value: unknown;
  try {
    value = loadsFromNetwork(bytes);
  } catch (error) {
    if (error instanceof PicklingError) return;
    throw error;
  }
  const seen = new Set<unknown>();
  const pending = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next === 'function') throw new Error('a function came in');
    if (typeof next !== 'object' || next === null || seen.has(next) || ArrayBuffer.isView(next)) continue;
    seen.add(next);
    if (next instanceof Map) pending.push(...next.keys(), ...next.values());
    if (next instanceof Set) pending.push(...next);
    for (const key of Object.keys(next)) pending.push((next as Record<string, unknown>)[key]);
  }
}

describe('any bytes', () => {
  it('random bytes load or are refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), survive), { numRuns: 20_000 });
  });

  it('bytes of tags and small numbers load or are refused', () => {
    const byte = fc.oneof(
      fc.integer({ min: 0xc0, max: 0xdf }),
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 0x80, max: 0xbf }),
    );
    const bytes = fc.array(byte, { maxLength: 200 }).map((array) => Uint8Array.from(array));
    fc.assert(fc.property(bytes, survive), { numRuns: 20_000 });
  });

  it('messages that were changed in places load or are refused', () => {
    const messages = samples().map(send);
    const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) });
    const property = fc.property(
      fc.constantFrom(...messages),
      fc.array(change, { minLength: 1, maxLength: 6 }),
      fc.option(fc.nat()),
      (message, changes, cut) => {
        const bytes = message.slice(0, cut === null ? undefined : cut % message.length);
        for (const { at, to } of changes) if (bytes.length > 0) bytes[at % bytes.length] = to;
        survive(bytes);
      },
    );
    fc.assert(property, { numRuns: 20_000 });
  });
});
