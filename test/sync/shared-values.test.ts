import { describe, expect, expectTypeOf, test } from 'vitest';
import { ValueError } from '../../src/errors.ts';
import * as multiprocessing from '../../src/sync/multiprocessing.ts';
import * as threading from '../../src/sync/threading.ts';

for (const [name, make] of [
  ['threading', threading],
  ['multiprocessing', multiprocessing as unknown as typeof threading],
] as const) {
  describe(`${name}.Value`, () => {
    test('reads back what each type code can hold', () => {
      for (const [code, value] of [
        ['b', -128],
        ['B', 255],
        ['h', -32768],
        ['H', 65535],
        ['i', -(2 ** 31)],
        ['I', 2 ** 32 - 1],
        ['f', 0.5],
        ['d', Math.PI],
        ['?', true],
        ['q', -(2n ** 63n)],
        ['Q', 2n ** 64n - 1n],
      ] as const) {
        const shared = make.Value(code, value as never, {});
        expect(shared.value).toBe(value);
        expect(shared.typecode).toBe(code);
      }
      expect(make.Value('c', 'x').value).toEqual(Buffer.from('x'));
      expect(make.Value('l', 7).value).toBe(7n);
    });

    test('starts at zero, and integers wrap silently', () => {
      const value = make.Value('i');
      expect(value.value).toBe(0);
      value.value = 2 ** 31;
      expect(value.value).toBe(-(2 ** 31));
      expect(make.Value('B', 255).add(1)).toBe(255);
    });

    test('add returns the value before, for every number', () => {
      for (const code of ['b', 'h', 'i', 'I', 'f', 'd'] as const) {
        const value = make.Value(code, 3);
        expect(value.add(2)).toBe(3);
        expect(value.value).toBe(5);
      }
      const big = make.Value('q', 3n);
      expect(big.add(-4)).toBe(3n);
      expect(big.value).toBe(-1n);
      expect(() => make.Value('?', true).add(1)).toThrow(TypeError);
      expect(() => make.Value('c', 'a').add('b')).toThrow(TypeError);
    });

    test('refuses what its code cannot hold, and says so', () => {
      expect(() => make.Value('i', 0.5)).toThrow(/code i takes an integer, not 0.5/);
      expect(() => make.Value('x' as never)).toThrow(/"x" is no type code; the codes are c b B/);
      expect(() => make.Value('q', 0.5)).toThrow(TypeError);
      expect(() => {
        make.Value('d', 0).value = 'one' as never;
      }).toThrow(TypeError);
      expect(() => make.Value('i', 0, { lock: 3 as never })).toThrow(TypeError);
    });

    test('has a reentrant lock, or the given one, or none', () => {
      const own = make.Value('i', 0);
      expect(own.getLock()).toBeInstanceOf(make.RLock);
      own.with(() => own.with(() => own.value++));
      expect(own.value).toBe(1);
      const lock = new make.Lock();
      expect(make.Value('i', 0, { lock }).getLock()).toBe(lock);
      const raw = make.Value('i', 4, { lock: false });
      expect(raw.value).toBe(4);
      expect('acquire' in raw).toBe(false);
      expect(raw).toBeInstanceOf(make.RawValue);
      const object = own.getObj();
      object.value = 9;
      expect(own.value).toBe(9);
    });

    test('is made with and without new', () => {
      expect(new make.Value('i', 3)).toBeInstanceOf(make.Value);
      expect(make.Value('i', 3)).toBeInstanceOf(make.Value);
      expectTypeOf(make.Value('i', 3).value).toEqualTypeOf<number>();
      expectTypeOf(make.Value('q', 3).value).toEqualTypeOf<bigint>();
      expectTypeOf(make.Value('?').value).toEqualTypeOf<boolean>();
    });
  });

  describe(`${name}.Array`, () => {
    test('is a typed array: made from a length, from elements, from bytes', () => {
      const zeros = make.Array('i', 3);
      expect([...zeros]).toEqual([0, 0, 0]);
      expect(zeros).toBeInstanceOf(Int32Array);
      expect([...make.Array('d', [0.5, 1])]).toEqual([0.5, 1]);
      expect([...make.Array('q', new Set([1, 2n]))]).toEqual([1n, 2n]);
      expect(make.Array('c', Buffer.from('abc')).value.toString()).toBe('abc');
      expect(make.Array('B', new Uint8Array([1, 2])).length).toBe(2);
      expect(make.Array('i', 0).length).toBe(0);
      expectTypeOf(make.Array('i', 3)[0]).toEqualTypeOf<number>();
    });

    test('slices are ordinary arrays, subarrays are views', () => {
      const array = make.Array('i', [1, 2, 3, 4]);
      const slice = array.slice(1, 3);
      const view = array.subarray(1, 3);
      array[1] = 20;
      expect([...slice]).toEqual([2, 3]);
      expect([...view]).toEqual([20, 3]);
      expect(slice).not.toBeInstanceOf(make.Array);
      expect([...array.map((x: number) => x * 2)]).toEqual([2, 40, 6, 8]);
      expect(array.indexOf(3)).toBe(2);
      expect(() => array.set([1, 2, 3], 2)).toThrow(RangeError);
    });

    test('of code c has value up to the first zero, and raw', () => {
      const text = make.Array('c', 8);
      text.value = 'hello';
      expect(text.value.toString()).toBe('hello');
      expect(text.raw).toEqual(Buffer.from('hello\0\0\0'));
      text.value = 'hi';
      expect(text.raw.subarray(0, 3)).toEqual(Buffer.from('hi\0'));
      text.raw = Buffer.from('12345678');
      expect(text.value.toString()).toBe('12345678');
      expect(() => {
        text.value = 'much too long';
      }).toThrow(ValueError);
      expect(() => {
        text.raw = 3 as never;
      }).toThrow(TypeError);
    });

    test('has a lock with all ways to hold it; RawArray has none', async () => {
      const array = make.Array('i', 2);
      array.with(() => array.with(() => array.fill(3)));
      await array.withAsync(async () => array.fill(4));
      const guard = array.hold();
      expect(array.getLock().acquire(false)).toBe(true);
      array.release();
      guard.release();
      expect(array.getObj()).toBeInstanceOf(Int32Array);
      expect([...array.getObj()]).toEqual([4, 4]);
      const lock = new make.Lock();
      expect(make.Array('i', 2, { lock }).getLock()).toBe(lock);
      const raw = make.RawArray('i', 2);
      expect('acquire' in raw).toBe(false);
      expect(raw).toBeInstanceOf(make.RawArray);
      expect(raw).not.toBeInstanceOf(make.Array);
    });

    test('refuses what makes no array', () => {
      expect(() => make.Array('i', -1)).toThrow(ValueError);
      expect(() => make.Array('i', 1.5)).toThrow(ValueError);
      expect(() => make.Array('i', [1, 'two' as never])).toThrow(/element 1: code i takes an integer, not "two"/);
      expect(() => make.Array('i', null as never)).toThrow(TypeError);
      expect(() => make.Array('z' as never, 3)).toThrow(TypeError);
    });
  });
}
