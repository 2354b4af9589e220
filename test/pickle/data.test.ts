import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dumps, loads } from '../../src/pickle/index.ts';

const copy = <T>(value: T): T => loads(dumps(value, { scope: 'thread' }).bytes.slice()) as T;

describe('plain data', () => {
  const values: [string, unknown][] = [
    ['undefined', undefined],
    ['null', null],
    ['booleans', [true, false]],
    ['integers at the borders of their forms', [0, 127, 128, -1, -32, -33, 32767, 32768, -32768, -32769, 2 ** 31 - 1]],
    ['numbers that are no small integers', [2 ** 31, -(2 ** 31), 1.5, Number.NaN, -0, Infinity, Number.MAX_VALUE]],
    ['BigInts', [0n, -1n, 255n, 256n, 2n ** 64n, -(2n ** 100n)]],
    ['strings of Latin-1', ['', 'a', 'é'.repeat(20), 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(1000)]],
    ['strings beyond Latin-1', ['日本', '😀', '日'.repeat(1000), `${'x'.repeat(100)}é`]],
    ['strings with lone surrogates', ['\ud800', `\udc00${'x'.repeat(100)}`]],
    ['dates', [new Date(0), new Date(1.5e12)]],
    ['regular expressions', [/a\/b/giu, /(?:)/]],
    ['maps and sets', [new Map<unknown, unknown>([[{ a: 1 }, new Set([1, 'a'])]]), new Set()]],
    ['arrays with holes', [Object.assign(new Array(4), { 0: 1, 2: 2 }), new Array(3), []]],
    ['arrays with properties', Object.assign([1, 2], { index: 3 })],
    ['arrays with as many holes as other properties', Object.assign(new Array(3), { 0: 1, 2: 3, extra: 4 })],
    ['long arrays with holes', Object.assign(new Array(1000), { 500: 1 })],
    ['long arrays with properties', Object.assign(new Array(1000).fill(0), { name: 'x' })],
    ['objects without a prototype', Object.assign(Object.create(null), { a: 1 })],
    ['objects with awkward keys', { '': 1, __proto__x: 2, 'a b': 3, 日: 4, 0: 5 }],
    ['boxed primitives', [Object(1), Object('a'), Object(false), Object(1n)]],
    ['typed arrays', [new Uint8Array([1]), new Float64Array([1.5, NaN]), new BigInt64Array([-1n])]],
    [
      'the other typed arrays',
      [new Int16Array([-1]), new Uint32Array([7]), new Uint8ClampedArray([3]), new Float32Array(2)],
    ],
    ['DataViews and ArrayBuffers', [new DataView(new ArrayBuffer(3)), new Uint8Array([1, 2]).buffer]],
    ['Buffers', [Buffer.from('abc'), Buffer.alloc(0)]],
    ['URLs', new URL('https://a.example/b?c#d')],
  ];
  it.each(values)('%s arrive as they were', (_, value) => {
    deepStrictEqual(copy(value), value);
  });

  it('an own property "__proto__" stays a property', () => {
    const value = JSON.parse('{"__proto__": {"a": 1}}');
    const arrived = copy(value);
    expect(Object.keys(arrived)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(arrived)).toBe(Object.prototype);
  });

  it('a getter is read, as the structured clone does', () => {
    const value = {
      get a() {
        return 1;
      },
    };
    expect(Object.getOwnPropertyDescriptor(copy(value), 'a')).toMatchObject({ value: 1 });
  });

  it('an invalid date stays invalid', () => {
    expect(copy(new Date(Number.NaN)).getTime()).toBeNaN();
  });

  it('lastIndex of a regular expression starts at 0 again', () => {
    const value = /a/g;
    value.lastIndex = 3;
    expect(copy(value).lastIndex).toBe(0);
  });

  it('registered and well-known symbols arrive as themselves', () => {
    expect(copy(Symbol.for('x'))).toBe(Symbol.for('x'));
    expect(copy(Symbol.iterator)).toBe(Symbol.iterator);
  });

  it('a resizable ArrayBuffer stays resizable', () => {
    // biome-ignore lint/suspicious/noExplicitAny: newer than the types
    const buffer = new (ArrayBuffer as any)(2, { maxByteLength: 8 });
    const arrived = copy(buffer);
    expect([arrived.byteLength, arrived.maxByteLength]).toEqual([2, 8]);
  });

  it('any value that the structured clone carries arrives as the structured clone makes it', () => {
    const anything = fc.anything({
      withBigInt: true,
      // Two invalid dates are not equal to each other, for Node 20.
      values: [
        fc.boolean(),
        fc.integer(),
        fc.double(),
        fc.string(),
        fc.constantFrom(null, undefined),
        fc.date({ noInvalidDate: true }),
      ],
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
      withBoxedValues: true,
      withNullPrototype: false,
      withUnicodeString: true,
    } as fc.ObjectConstraints);
    fc.assert(
      fc.property(anything, (value) => {
        deepStrictEqual(copy(value), structuredClone(value));
      }),
      { numRuns: 2000 },
    );
  });

  it('any string arrives as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => copy(text) === text),
      { numRuns: 2000 },
    );
  });

  it('any number arrives as it was', () => {
    fc.assert(fc.property(fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger()), (n) => Object.is(copy(n), n)));
  });
});

describe('shared references', () => {
  it('cycles close again', () => {
    const value: Record<string, unknown> = { list: [] };
    value.self = value;
    (value.list as unknown[]).push(value);
    const arrived = copy(value);
    expect(arrived.self).toBe(arrived);
    expect((arrived.list as unknown[])[0]).toBe(arrived);
  });

  it('an object met twice arrives once, however many there are', () => {
    const objects = Array.from({ length: 100 }, (_, i) => ({ i }));
    const arrived = copy([...objects, ...objects]);
    for (let i = 0; i < 100; i++) expect(arrived[i]).toBe(arrived[i + 100]);
    expect(new Set(arrived).size).toBe(100);
  });

  it('keys of maps and members of sets keep their identity', () => {
    const key = {};
    const arrived = copy({ key, map: new Map([[key, 1]]), set: new Set([key]) });
    expect(arrived.map.get(arrived.key)).toBe(1);
    expect(arrived.set.has(arrived.key)).toBe(true);
  });

  it('views on one buffer go on sharing it', () => {
    const bytes = new Uint8Array(16);
    const arrived = copy({ a: bytes.subarray(2, 6), b: new DataView(bytes.buffer, 4, 4), c: bytes.buffer });
    arrived.a[2] = 7;
    expect(arrived.b.getUint8(0)).toBe(7);
    expect(arrived.a.buffer).toBe(arrived.c);
  });

  it('a view on a part of a buffer does not carry the rest', () => {
    const bytes = new Uint8Array(100_000);
    expect(dumps(bytes.subarray(0, 10), { scope: 'thread' }).bytes.length).toBeLessThan(40);
    expect(dumps(Buffer.from('abc'), { scope: 'thread' }).bytes.length).toBeLessThan(20);
  });
});

describe('the message', () => {
  it('a small integer is one byte', () => {
    expect(dumps(100, { scope: 'thread' }).bytes.length).toBe(1);
  });

  it('what was read does not change when its bytes are reused', () => {
    const bytes = dumps([new Uint8Array([1, 2]), 'text of some length, beyond the short form of the codec'], {
      scope: 'thread',
    }).bytes.slice();
    const arrived = loads(bytes);
    bytes.fill(0);
    expect(arrived).toEqual([new Uint8Array([1, 2]), 'text of some length, beyond the short form of the codec']);
  });

  it('can be large', () => {
    const value = { text: 'é'.repeat(3_000_000), bytes: new Uint8Array(5_000_000).fill(7) };
    deepStrictEqual(copy(value), value);
  });

  it('can be nested 100,000 levels deep', () => {
    const bottom = { end: true };
    let value: unknown = bottom;
    for (let i = 0; i < 25_000; i++) value = { list: [new Map([['next', new Set([value])]])] };
    type Level = { list: [Map<string, Set<Level>>] };
    const arrived = copy({ level: value as Level, shared: bottom });
    let { level } = arrived;
    for (let i = 0; i < 25_000; i++) [level] = level.list[0].get('next') as Set<Level>;
    expect(level).toBe(arrived.shared);
    expect(arrived.shared).toEqual({ end: true });
  });

  it('an error while writing leaves the pickler as it was', () => {
    expect(() => dumps({ a: [1, Symbol('x')] }, { scope: 'thread' })).toThrow('value.a[1]');
    const value = { a: {} as object };
    value.a = value;
    const arrived = copy(value);
    expect(arrived.a).toBe(arrived);
  });
});
