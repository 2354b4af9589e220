import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dumps, loads } from '../../src/pickle/index.ts';
import increment, { double, Shape, settings } from '../fixtures/pickle/imported.ts';
import { buildPickle, OtherThread, removeFolder, temporaryFolder } from './other-side.ts';

let folder: string;
let other: OtherThread;
beforeAll(async () => {
  folder = temporaryFolder();
  other = new OtherThread(await buildPickle(folder));
});
afterAll(async () => {
  await other?.close();
  removeFolder(folder);
});

const limit = 5;
const shared = { count: 0 };
function helper(x: number): number {
  return double(x) + limit;
}
const isEven = (n: number): boolean => n === 0 || isOdd(n - 1);
const isOdd = (n: number): boolean => n !== 0 && isEven(n - 1);

class Square extends Shape {
  static sides = 4;
  label = 'square';
  override area(): number {
    return super.area() + limit;
  }
  static #secret = 'kept';
  static reveal(): string {
    return Square.#secret;
  }
}
class Bus extends EventEmitter {
  heard: unknown[] = [];
  listen(): this {
    const { heard } = this;
    return this.on('x', (value) => heard.push(value));
  }
}
class Registry extends Map<string, unknown> {
  owner = 'me';
}
function OldStyle(this: { size: number }, size: number) {
  this.size = size;
}
OldStyle.prototype.twice = function (this: { size: number }) {
  return this.size * 2;
};
const tools = {
  times(x: number) {
    return x * 3;
  },
  async later(x = helper(1)) {
    await null;
    return x;
  },
  *count(to: number) {
    for (let i = 0; i < to; i++) yield i;
  },
  [`named${limit}`]() {
    return 'computed';
  },
};
function counterFrom(start: number) {
  const state = { value: start };
  return { next: () => ++state.value, get: () => state.value };
}
const getter = Object.getOwnPropertyDescriptor({ get answer() { return 42 + limit; } }, 'answer')?.get; // biome-ignore format: one line
const typescriptDefaults = (a: number, b: number = a + limit, ...rest: number[]): number[] => [a, b, ...rest];

describe('a function by value, in another thread', () => {
  const cases: [string, (...args: never[]) => unknown, unknown[], unknown][] = [
    ['uses captured constants', () => limit + 1, [], 6],
    ['uses imports', () => double(2) + increment(1), [], 6],
    ['uses modules of Node', () => [path.join('a', 'b'), typeof readFileSync], [], ['a/b', 'function']],
    ['uses globals', () => [Math.max(1, 2), JSON.stringify([1]), typeof setTimeout], [], [2, '[1]', 'function']],
    ['calls nested helpers', (x: number) => helper(x), [1], 7],
    ['is recursive with another', isEven, [7], false],
    ['takes parameters with defaults and a rest', typescriptDefaults, [1], [1, 6]],
    ['is a method', tools.times, [2], 6],
    ['is an async method', tools.later, [], 7],
    ['is a method with a computed name', tools[`named${limit}`] as () => string, [], 'computed'],
    ['is a getter', getter as () => number, [], 47],
    ['makes classes with base classes and super', () => new Square(3).area(), [], 14],
    ['reads static members, private ones too', () => [Square.sides, Square.reveal()], [], [4, 'kept']],
    ['reads captured objects', () => settings.nested.depth, [], 2],
    ['imports modules when called', async () => Object.keys(await import('node:path')).includes('join'), [], true],
    ['knows its module', () => import.meta.url.endsWith('functions.test.ts'), [], true],
    ['holds text of any script', () => `日本${'é'}${/[ア-ン]/u.test('カ')}`, [], '日本étrue'],
    ['catches errors of captured classes', () => catches(), [], [true, 'no']],
  ];
  it.each(cases)('%s', async (_, f, args, expected) => {
    expect(await other.call(f, ...args)).toEqual(expected);
  });

  it('a generator function yields there', async () => {
    const f = tools.count;
    expect(await other.call((g: typeof f) => [...g(3)], f)).toEqual([0, 1, 2]);
  });

  it('keeps its name and its own properties', async () => {
    const f = Object.assign((x: number) => x, { version: 3 });
    expect(await other.call((g: typeof f) => [g.name, g.version], f)).toEqual([f.name, 3]);
  });

  it('its stack shows the original file and line', async () => {
    const fail = () => {
      throw new Error('there');
    };
    let here = '';
    try {
      fail();
    } catch (error) {
      here = String((error as Error).stack).split('\n')[1];
    }
    const place = /functions\.test\.ts:\d+/.exec(here)?.[0];
    expect(place).toBeDefined();
    await expect(other.call(fail)).rejects.toMatchObject({
      message: 'there',
      stack: expect.stringContaining(String(place)),
    });
  });
});

function catches(): unknown {
  class Failure extends RangeError {}
  try {
    throw new Failure('no');
  } catch (error) {
    return [error instanceof RangeError, (error as Error).message];
  }
}

describe('instances', () => {
  it('arrive with their class and fields, and no constructor runs', async () => {
    const square = new Square(3);
    square.label = 'changed';
    expect(await other.call((s: Square) => [s.area(), s.label, s.constructor.name], square)).toEqual([
      14,
      'changed',
      'Square',
    ]);
  });

  it('come back as instances of the original class', async () => {
    const back = await other.call((s: Square) => ({ s, made: new (s.constructor as typeof Square)(2) }), new Square(1));
    const { s, made } = back as { s: Square; made: Square };
    expect(s).toBeInstanceOf(Square);
    expect(made).toBeInstanceOf(Square);
    expect(made.area()).toBe(9);
  });

  it('of classes that extend Map keep their entries, themselves among them', async () => {
    const registry = new Registry([['a', 1]]);
    registry.set('self', registry);
    const f = (r: Registry) => [r.get('a'), r.get('self') === r, r.owner, r instanceof Map];
    expect(await other.call(f, registry)).toEqual([1, true, 'me', true]);
  });

  it('of EventEmitters keep their listeners', async () => {
    const f = (bus: Bus) => bus.emit('x', 5);
    expect(await other.call(f, new Bus().listen())).toBe(true);
  });

  it('of classes written as functions have their methods', async () => {
    const old = new (OldStyle as unknown as new (n: number) => { twice(): number })(4);
    expect(await other.call((o: typeof old) => o.twice(), old)).toBe(8);
  });

  it('of Object.create have their prototype', async () => {
    const base = { hello: () => 'hi' };
    const object = Object.create(base, { x: { value: 1, enumerable: true } });
    expect(await other.call((o: typeof object) => [o.hello(), o.x], object)).toEqual(['hi', 1]);
  });
});

describe('identity', () => {
  it('a function sent twice arrives as one', async () => {
    const keep: unknown[] = [];
    const f = () => keep.length;
    await other.call((g: unknown) => Object.assign(globalThis, { kept: g }) && 0, f);
    const same = (g: unknown) => (globalThis as Record<string, unknown>).kept === g;
    expect(await other.call(same, f)).toBe(true);
  });

  it('a function that comes back is the original', async () => {
    expect(await other.call((f: unknown) => [f, { f }], helper)).toEqual([helper, { f: helper }]);
    expect(((await other.call((f: unknown) => [f], helper)) as unknown[])[0]).toBe(helper);
  });

  it('two functions that capture one object go on sharing it', async () => {
    const { next, get } = counterFrom(1);
    const f = (a: () => number, b: () => number) => [a(), a(), b()];
    expect(await other.call(f, next, get)).toEqual([2, 3, 3]);
  });

  it('captured data is copied when the function is first sent', () => {
    shared.count = 1;
    const f = () => shared.count;
    const first = dumps(f, { scope: 'thread' }).bytes.slice();
    shared.count = 2;
    expect(dumps(f, { scope: 'thread' }).bytes.slice()).toEqual(first);
  });

  it('functions of the platform arrive as themselves', () => {
    for (const f of [Math.max, parseInt, JSON.parse, readFileSync, path.join, setTimeout, Array.prototype.map, Map]) {
      expect(loads(dumps(f, { scope: 'process' }).bytes)).toBe(f);
    }
  });
});

describe('a message that cannot be read', () => {
  it('leaves no unfinished function behind', async () => {
    const gate = { missing: true };
    (globalThis as { gateOpen?: boolean }).gateOpen = true;
    // biome-ignore lint/complexity/noStaticOnlyClass: its definition is what is tested
    class Reader {
      static first = (() => {
        if ((globalThis as { gateOpen?: boolean }).gateOpen !== true && gate.missing) throw new Error('closed');
        return 'read';
      })();
    }
    const f = () => [Reader.first, typeof gate];
    await expect(other.call(f)).rejects.toThrow('closed');
    await other.call(() => Object.assign(globalThis, { gateOpen: true }) && 0);
    expect(await other.call(f)).toEqual(['read', 'object']);
  });
});

describe('classes', () => {
  it('whose static parts throw fail where they are read', async () => {
    const switched = { on: false };
    // biome-ignore lint/complexity/noStaticOnlyClass: its definition is what is tested
    class Explosive {
      static value = switched.on ? explode() : 1;
    }
    switched.on = true;
    function explode(): number {
      throw new Error('boom');
    }
    await expect(other.call(() => Explosive.value)).rejects.toThrow('boom');
  });

  it('refer to themselves and to each other', async () => {
    class Node_ {
      children: Leaf[] = [];
      grow(): Node_ {
        this.children.push(new Leaf());
        return this;
      }
      static make(): Node_ {
        return new Node_().grow();
      }
    }
    class Leaf extends Node_ {}
    expect(await other.call(() => Node_.make().children[0].grow().children.length)).toBe(1);
  });
});
