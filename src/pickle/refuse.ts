import { inspect } from 'node:util';
import { PicklingError } from '../errors.ts';
import type { Encoding } from './encoding.ts';
import type { Scope } from './reducer.ts';

/** A short look at a value, for messages. */
export function show(value: unknown): string {
  try {
    return inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 60, maxArrayLength: 3 }).slice(0, 120);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/**
 * Throws the `PicklingError` of a value that cannot travel: where it is, what it is, why not, and what to do instead.
 */
export function refuse(e: Encoding, value: unknown, why: string, advice: string): never {
  throw new PicklingError(describe(e, value, why, advice));
}

function describe(e: Encoding, value: unknown, why: string, advice: string): string {
  return `${e.path(value)} cannot be sent ${WAYS[e.scope]}: ${show(value)} ${why}. ${advice}`;
}

const WAYS: Record<Scope, string> = {
  thread: 'to another thread',
  process: 'to another process',
  cluster: 'to another machine',
  network: 'over a network connection',
};

/** A function or class of Node that no module exports; for a class, its instance is what the message should name. */
export class InternalFunction extends PicklingError {
  constructor(e: Encoding, f: object) {
    super(describe(e, f, 'is internal to Node', 'Make what it belongs to on the other side.'));
  }
}
