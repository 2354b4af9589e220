import { RuntimeError, ValueError } from '../errors.ts';
import { describe } from '../sync/timeout.ts';

/** How a child process begins: from nothing, or as a child that stands ready. */
export type StartMethod = 'spawn' | 'forkserver';

const METHODS: readonly StartMethod[] = ['spawn', 'forkserver'];
let chosen: StartMethod | null = null;

/**
 * The start methods that exist here, the default first.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.get_all_start_methods
 */
export function getAllStartMethods(): StartMethod[] {
  return [...METHODS];
}

/**
 * The start method that is in force; asking fixes the default.
 * @param allowNone true: `null` while none has been fixed.
 */
export function getStartMethod(allowNone: true): StartMethod | null;
export function getStartMethod(allowNone?: boolean): StartMethod;
export function getStartMethod(allowNone = false): StartMethod | null {
  if (chosen === null && !allowNone) chosen = METHODS[0];
  return chosen;
}

/**
 * Sets the start method, once in a program.
 * @param force true: also if it has been set before; `null` then unsets it.
 * @throws ValueError there is no such method. @throws RuntimeError it has been set before.
 */
export function setStartMethod(method: StartMethod | null, force = false): void {
  if (chosen !== null && !force) {
    throw new RuntimeError(`setStartMethod: the start method is ${chosen} already; pass force = true to change it`);
  }
  chosen = method === null && force ? null : checkStartMethod(method, 'setStartMethod');
}

/** @throws ValueError there is no such method. */
export function checkStartMethod(method: unknown, who: string): StartMethod {
  if (METHODS.includes(method as StartMethod)) return method as StartMethod;
  if (method === 'fork') {
    throw new ValueError(`${who}: a Node process cannot fork; use 'spawn', or 'forkserver' for a child that is warm`);
  }
  throw new ValueError(`${who}: there is no start method ${describe(method)}; there are ${METHODS.join(' and ')}`);
}
