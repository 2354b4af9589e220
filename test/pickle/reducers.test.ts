import { describe, expect, it } from 'vitest';
import { PicklingError } from '../../src/errors.ts';
import { dumps, loads, registerIdentity, registerReducer } from '../../src/pickle/index.ts';

const copy = <T>(value: T): T => loads(dumps(value, { scope: 'thread' }).bytes.slice()) as T;

const memory: unknown[] = [];
/** A handle of shared memory in small: its index is what travels. */
class Cell {
  #index: number;
  constructor(index = memory.push(0) - 1) {
    this.#index = index;
  }
  get index(): number {
    return this.#index;
  }
}
registerReducer(Cell, {
  tag: 'test.Cell',
  dump: (cell, context) => {
    if (context.scope === 'process') throw new PicklingError(`${context.path()} is of this process only.`);
    context.addReference(cell);
    return { index: cell.index };
  },
  load: ({ index }) => new Cell(index),
});

class Clock extends Cell {
  ticks: number[] = [];
  parent?: unknown;
  constructor(public interval: number) {
    super();
  }
  run(): number {
    return this.interval * this.index;
  }
}

describe('an object with a reducer', () => {
  it('arrives as what the reducer makes of its state', () => {
    const cell = new Cell();
    expect(copy([cell, cell]).map(({ index }) => index)).toEqual([cell.index, cell.index]);
  });

  it('keeps its identity within a message', () => {
    const cell = new Cell();
    const [a, b] = copy([cell, { cell }]) as [Cell, { cell: Cell }];
    expect(a).toBe(b.cell);
  });

  it('is noted as a reference, also when a function captures it, and at each send', () => {
    const cell = new Cell();
    const work = () => cell.index;
    expect(dumps([cell], { scope: 'thread' }).references).toEqual([cell]);
    expect(dumps(work, { scope: 'thread' }).references).toEqual([cell]);
    expect(dumps([work], { scope: 'thread' }).references).toEqual([cell]);
  });

  it('may refuse one scope', () => {
    const work = () => cell.index;
    const cell = new Cell();
    expect(() => dumps({ a: [cell] }, { scope: 'process' })).toThrow('value.a[0] is of this process only.');
    expect(() => dumps(work, { scope: 'process' })).toThrow('work: captured variable "cell" is of this process only.');
    expect(dumps(work, { scope: 'thread' }).references).toEqual([cell]);
  });

  it('of a subclass keeps class and fields, and the base keeps its private state', () => {
    const clock = new Clock(5);
    clock.ticks.push(1);
    clock.parent = { clock };
    const arrived = copy(clock);
    expect(arrived).toBeInstanceOf(Clock);
    expect(arrived).not.toBe(clock);
    expect(arrived.run()).toBe(clock.run());
    expect(arrived.ticks).toEqual([1]);
    expect((arrived.parent as { clock: Clock }).clock).toBe(arrived);
  });

  it('can pickle something itself while it is written', () => {
    class Envelope {
      constructor(public content: unknown) {}
    }
    registerReducer(Envelope, {
      tag: 'test.Envelope',
      dump: ({ content }, { scope }) => dumps(content, { scope }).bytes.slice(),
      load: (bytes: Uint8Array) => new Envelope(loads(bytes)),
    });
    const letter = new Envelope([new Envelope({ a: 1 })]);
    expect(copy({ before: [1, 2], letter, after: 'x' })).toEqual({ before: [1, 2], letter, after: 'x' });
  });

  it('may be a proxy, which an identity test recognises', () => {
    const targets = new WeakMap<object, number>();
    const make = (id: number) => {
      const proxy = new Proxy({}, { get: (_, key) => `${id}.${String(key)}` });
      targets.set(proxy, id);
      return proxy as Record<string, string>;
    };
    const reducer = { tag: 'test.local', dump: (o: object) => targets.get(o), load: make };
    registerIdentity((o) => (targets.has(o) ? reducer : undefined), reducer);
    const local = make(7);
    expect(copy({ local }).local.name).toBe('7.name');
    const work = () => local.name;
    expect(dumps(work, { scope: 'thread' }).bytes.length).toBeGreaterThan(0);
  });
});
