import { inspect } from 'node:util';
import { currentFlowNumber } from '../memory/flow.ts';
import { describe } from '../sync/timeout.ts';
import { enterProxy, referenceOf } from './proxies.ts';
import type { Reference } from './reference.ts';

/** Options of the `…Async` methods of proxies. */
export interface CallAsyncOptions {
  /** Takes the call back, if it has not been answered; the promise rejects with its reason. */
  signal?: AbortSignal;
}

/** @internal What a proxy refers to. */
export function refer(proxy: object): Reference {
  const reference = referenceOf(proxy);
  if (reference === undefined) throw new TypeError(`BaseProxy: ${describe(proxy)} is no proxy of a manager`);
  return reference;
}

/** @internal Calls a method, blocking. */
export function callNow<R>(proxy: object, method: string, args: readonly unknown[]): R {
  return refer(proxy).call(method, args, currentFlowNumber()) as R;
}

/** @internal Calls a method while the event loop goes on. */
export async function callLater<R>(
  proxy: object,
  method: string,
  args: readonly unknown[],
  options?: CallAsyncOptions,
  flow = currentFlowNumber(),
): Promise<R> {
  return refer(proxy).callAsync(method, args, flow, signalOf(options, method)) as Promise<R>;
}

function signalOf(options: CallAsyncOptions | undefined, method: string): AbortSignal | undefined {
  const signal = options?.signal;
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw new TypeError(`${method}Async: signal must be an AbortSignal, not ${describe(signal)}`);
}

/**
 * Stands for an object in the server of a manager. It may be sent to other threads and processes, and stands for the
 * same object there. When no proxy of an object is left, the server gives the object up.
 *
 * The classes of proxies of your own extend this one, and call {@link _callmethod}; they are given to
 * `BaseManager.register` as `proxytype`.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.BaseProxy
 */
export abstract class BaseProxy {
  /** @internal */
  constructor(reference: Reference) {
    enterProxy(this, reference);
  }

  /**
   * Calls a method of the object; blocks this thread until it has ended.
   * @param kwds the method's last argument, an object.
   * @throws AttributeError there is no such method, or it is not exposed. @throws RemoteError the result cannot be
   * sent. @throws PicklingError an argument cannot be sent. @throws EOFError, BrokenPipeError the server has ended.
   * Else what the method throws.
   */
  _callmethod(method: string, args: readonly unknown[] = [], kwds?: object | null): unknown {
    return callNow(this, method, withKwds(args, kwds));
  }

  /** {@link _callmethod} while the event loop goes on. @throws the signal's reason when it is aborted. */
  async _callmethodAsync(
    method: string,
    args: readonly unknown[] = [],
    kwds?: object | null,
    options?: CallAsyncOptions,
  ): Promise<unknown> {
    return callLater(this, method, withKwds(args, kwds), options);
  }

  /** A copy of the object; blocks. @throws AttributeError there is nothing to copy. And as {@link _callmethod}. */
  _getvalue(): unknown {
    const reference = refer(this);
    return reference.control('value', [reference.description.object]);
  }

  /** {@link _getvalue} while the event loop goes on. */
  async _getvalueAsync(): Promise<unknown> {
    const reference = refer(this);
    return reference.controlAsync('value', [reference.description.object]);
  }

  /** The name that the object's type is registered under. */
  get _typeid(): string {
    return refer(this).description.typeid;
  }

  /** Whether both stand for the same object (ours; two proxies are never `===` across threads). */
  _isSame(other: unknown): boolean {
    const reference = referenceOf(other);
    return reference !== undefined && refer(this).isSame(reference);
  }

  /**
   * Gives the object up here, before the proxy is collected: the proxy cannot be used any more (ours). When no other
   * proxy is left, the server gives it up as well.
   */
  _release(): void {
    refer(this).release();
  }

  /** The object as text, as `util.inspect` shows it in the server; blocks. */
  toString(): string {
    const reference = refer(this);
    return reference.control('show', [reference.description.object]) as string;
  }

  /** {@link toString} while the event loop goes on. */
  async toStringAsync(): Promise<string> {
    const reference = refer(this);
    return reference.controlAsync('show', [reference.description.object]) as Promise<string>;
  }

  /** Gives the object up here (`using proxy = …`). */
  [Symbol.dispose](): void {
    this._release();
  }

  /** @internal Shown without asking the server. */
  [inspect.custom](): string {
    const { typeid, object } = refer(this).description;
    return `<${this.constructor.name}, typeid '${typeid}', object ${object}>`;
  }
}

function withKwds(args: readonly unknown[], kwds: object | null | undefined): readonly unknown[] {
  if (!Array.isArray(args)) throw new TypeError(`BaseProxy._callmethod: args must be an array, not ${describe(args)}`);
  return kwds === undefined || kwds === null ? args : [...args, kwds];
}
