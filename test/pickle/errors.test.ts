import { describe, expect, it } from 'vitest';
import * as errors from '../../src/errors.ts';
import { attachCallerStack, dumps, dumpsError, loads } from '../../src/pickle/index.ts';

const copy = <T>(value: T): T => loads(dumpsError(value, 'process').bytes.slice()) as T;

describe('an error that was sent', () => {
  it.each([Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, ...Object.values(errors)])(
    'keeps its class, name, message and stack: %s',
    (cls) => {
      const error = new (cls as ErrorConstructor)('why');
      const arrived = copy(error);
      expect(Object.getPrototypeOf(arrived)).toBe(cls.prototype);
      expect(arrived).toMatchObject({ name: error.name, message: 'why', stack: error.stack });
      expect(Object.prototype.toString.call(arrived)).toBe('[object Error]');
    },
  );

  it('arrives as an error if Node has made it of what a worker has thrown', () => {
    const message = { value: 'why', writable: true, configurable: true };
    const arrived = copy(Object.create(RangeError.prototype, { message, code: { value: 'E1', enumerable: true } }));
    expect(arrived).toBeInstanceOf(RangeError);
    expect(arrived).toMatchObject({ message: 'why', code: 'E1' });
  });

  it('keeps its own properties', () => {
    const error = Object.assign(new Error('why'), { code: 'E1', detail: { list: [1] } });
    expect(copy(error)).toMatchObject({ code: 'E1', detail: { list: [1] } });
    expect(Object.keys(copy(error))).toEqual(['code', 'detail']);
  });

  it('keeps its cause, and the errors of an AggregateError', () => {
    const cause = new TypeError('deep');
    const error = new AggregateError([cause, 'text'], 'many', { cause });
    const arrived = copy(error);
    expect(arrived).toBeInstanceOf(AggregateError);
    expect(arrived.errors[0]).toBe(arrived.cause);
    expect(arrived.cause).toBeInstanceOf(TypeError);
    expect(Object.keys(arrived)).toEqual([]);
  });

  it('may be its own cause', () => {
    const error = new Error('round');
    error.cause = error;
    const arrived = copy(error);
    expect(arrived.cause).toBe(arrived);
  });

  it('shows what cannot be sent as text', () => {
    const error = Object.assign(new Error('why'), { handle: new WeakMap(), later: Promise.resolve(1), fine: 1 });
    expect(copy(error)).toMatchObject({ handle: 'WeakMap { <items unknown> }', later: 'Promise { 1 }', fine: 1 });
  });

  it('falls back to the nearest class that can be sent, and keeps its name', () => {
    const registry = new WeakMap();
    class Strange extends RangeError {
      override name = 'Strange';
      where(): unknown {
        return registry.get(this);
      }
    }
    const arrived = loads(dumps([new Strange('why')], { scope: 'process' }).bytes.slice()) as RangeError[];
    expect(Object.getPrototypeOf(arrived[0])).toBe(RangeError.prototype);
    expect(arrived[0].name).toBe('Strange');
  });

  it('of Node keeps its code', () => {
    let error: unknown;
    try {
      Buffer.alloc(-1);
    } catch (caught) {
      error = caught;
    }
    expect(copy(error)).toBeInstanceOf(RangeError);
    expect(copy(error)).toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
  });

  it('of an abort keeps its name', () => {
    const { reason } = AbortSignal.abort();
    const arrived = copy(reason);
    expect(arrived).toBeInstanceOf(DOMException);
    expect(arrived.name).toBe('AbortError');
    expect(arrived.stack).toBe(reason.stack);
  });

  it('does not lose objects that the message goes on to share', () => {
    const object = { a: 1 };
    const error = Object.assign(new Error('why'), { bad: [object, Symbol('x')], object });
    const arrived = loads(dumps([error, object], { scope: 'thread' }).bytes.slice()) as [typeof error, object];
    expect(arrived[0].object).toBe(arrived[1]);
    expect(arrived[1]).toEqual(object);
  });
});

describe('what was thrown and is no Error', () => {
  it.each([[undefined], [null], ['text'], [42], [{ code: 1 }]])('arrives as it was: %s', (thrown) => {
    expect(copy(thrown)).toEqual(thrown);
  });

  it('arrives as an Error that shows it when it cannot be sent', () => {
    expect(copy<unknown>(Symbol('x'))).toMatchObject({ message: 'thrown: Symbol(x)' });
    const hostile = new Proxy(new Error('x'), {
      get() {
        throw new Error('no');
      },
    });
    expect(copy<unknown>(hostile)).toBeInstanceOf(Error);
  });
});

describe('attachCallerStack', () => {
  it("adds the caller's frames under those of the error", () => {
    const error = new Error('there');
    const remote = String(error.stack);
    attachCallerStack(error, 'Error: here\n    at submit (/a.js:1:2)\n    at main (/a.js:3:4)');
    expect(error.stack).toBe(`${remote}\n    --- started at ---\n    at submit (/a.js:1:2)\n    at main (/a.js:3:4)`);
    expect(Object.keys(error)).toEqual([]);
  });

  it('leaves frozen errors and what is no Error alone', () => {
    const error = Object.freeze(new Error('x'));
    attachCallerStack(error, 'Error\n    at a');
    attachCallerStack('text', 'Error\n    at a');
    expect(error.stack).not.toContain('started at');
  });
});
