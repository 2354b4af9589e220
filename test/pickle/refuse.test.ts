import { createServer } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { PicklingError } from '../../src/errors.ts';
import { dumps, registerReducer } from '../../src/pickle/index.ts';

class Private {
  #secret = 1;
  reveal(): number {
    return this.#secret;
  }
}
class Heir extends Private {}
let counter = 0;
const socket = createServer();

function makeArrow(this: unknown): () => unknown {
  return () => this;
}
function* steps() {
  yield 1;
}

describe('what cannot be sent', () => {
  const cases: [string, unknown, RegExp][] = [
    ['a promise', Promise.resolve(1), /is a Promise.*Await it first/],
    ['a WeakMap', new WeakMap(), /is a WeakMap.*Use a Map/],
    ['a WeakSet', new WeakSet(), /is a WeakSet/],
    ['a WeakRef', new WeakRef({}), /is a WeakRef/],
    ['a generator', steps(), /is a Generator.*send its function/],
    ['an iterator', new Map().entries(), /Iterator/],
    ['an unregistered symbol', Symbol('mine'), /Symbol\(mine\) is not registered.*Symbol\.for/],
    ['a SharedArrayBuffer', new SharedArrayBuffer(8), /SharedArrayBuffer.*Array or RawArray/],
    ['a view on a SharedArrayBuffer', new Int32Array(new SharedArrayBuffer(8)), /SharedArrayBuffer.*Array or RawArray/],
    ['a detached ArrayBuffer', detached(), /detached/],
    ['a proxy', new Proxy({}, {}), /is a Proxy/],
    ['a proxy of a function', new Proxy(() => 1, {}), /is a Proxy/],
    ['a bound function', makeArrow.bind({}), /is a bound function.*the function and its arguments/],
    ['a timer', setTimeout(() => {}, 0), /is a Timeout.*Start the timer on the other side/],
    ['a server', socket, /is a Server.*open it on the other side/],
    ['a stream', new Readable(), /is a Readable/],
    ['a message port', new MessageChannel().port1, /is a MessagePort/],
    ['an AbortSignal', new AbortController().signal, /AbortSignal.*Event of threadwork/],
    ['an instance with #private fields', new Private(), /private state \(#secret\)/],
    ['an instance whose base class has #private fields', new Heir(), /private state \(#secret\)/],
    [
      'a function that assigns to a captured variable',
      () => counter++,
      /assigns to the captured variable "counter".*Value/,
    ],
    ['one that assigns by destructuring', () => ([counter] = [1]), /assigns to the captured variable "counter"/],
    [
      'one that assigns in the head of a loop',
      () => {
        for (counter of [1]);
      },
      /assigns to the captured variable "counter"/,
    ],
    ['an arrow function that uses this', makeArrow.call({}), /uses the "this" around it/],
    [
      'an arrow function that uses arguments',
      (function (..._: unknown[]) {
        // biome-ignore lint/complexity/noArguments: what is tested
        return () => arguments.length;
      })(1),
      /uses the "arguments" around it/,
    ],
    ['a chain of too many instances', chain(100_000), /nested/],
  ];
  it.each(cases.filter(([, , message]) => message))('%s', (_, value, message) => {
    expect(() => dumps({ a: value }, { scope: 'thread' })).toThrow(PicklingError);
    expect(() => dumps({ a: value }, { scope: 'process' })).toThrow(message);
  });
});

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(4);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

class Link {
  constructor(readonly next: unknown) {}
}
function chain(length: number): unknown {
  let link: unknown;
  for (let i = 0; i < length; i++) link = new Link(link);
  return link;
}

describe('the message of a PicklingError', () => {
  const bad = Symbol('bad');
  const messageOf = (value: unknown, root = 'args'): string => {
    try {
      dumps(value, { scope: 'process', root });
    } catch (error) {
      return (error as Error).message;
    }
    return 'no error';
  };

  it('names the path through objects, arrays, maps and sets', () => {
    expect(messageOf([{ locks: new Map([['a', [bad]]]) }])).toMatch(
      /^args\[0\]\.locks\.get\("a"\)\[0\] cannot be sent to another process: Symbol\(bad\)/,
    );
    expect(messageOf({ 'a b': new Set([1, bad]) })).toMatch(/^args\["a b"\]\.values\(1\) /);
  });

  it('names the field of an instance', () => {
    class Job {
      constructor(public parts: object) {}
    }
    expect(messageOf({ job: new Job({ handle: bad }) })).toMatch(/^args\.job\.parts\.handle /);
  });

  it('names the captured variable, through helpers too', () => {
    const handles = { first: bad };
    const helper = () => handles;
    function work() {
      return helper();
    }
    expect(messageOf([work])).toMatch(/^work: captured variable "helper": captured variable "handles"\.first /);
  });

  it('names the line of an assignment', () => {
    const here = /refuse\.test\.ts:(\d+)/.exec(String(new Error('here').stack))?.[1];
    const work = () => {
      const local = 1;
      counter += local;
    };
    expect(messageOf(work)).toContain(`refuse.test.ts:${Number(here) + 3})`);
  });

  it('names the path that a reducer asks for', () => {
    class Handle {}
    let path = '';
    registerReducer(Handle, {
      tag: 'test.Handle',
      dump: (_, context) => {
        path = context.path();
        return 1;
      },
      load: () => new Handle(),
    });
    const handle = new Handle();
    dumps({ all: [0, handle] }, { scope: 'thread' });
    expect(path).toBe('value.all[1]');
    const work = () => handle;
    dumps(work, { scope: 'thread' });
    expect(path).toBe('work: captured variable "handle"');
  });
});
