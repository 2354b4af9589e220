import { BrokenPipeError, EOFError } from '../errors.ts';
import { currentFlowNumber } from '../memory/flow.ts';
import type { Caller } from './caller.ts';
import { callerAt } from './callers.ts';
import { CONTROL, CREATE } from './frame.ts';
import type { LineEnd } from './pipe-line.ts';

/** How a manager's object, and what it makes, reach the server: this thread's calls to it. */
export type Gate = () => Caller;

/** The gate of a server of this family. */
export function familyGate(door: LineEnd): Gate {
  return () => callerAt(door);
}

/** Has an object made, blocking. */
export function create(gate: Gate, typeid: string, args: unknown[]): unknown {
  return gate().call(CREATE, 0, currentFlowNumber(), [typeid, args], `Manager.${typeid}`);
}

export async function createAsync(gate: Gate, typeid: string, args: unknown[], signal?: AbortSignal): Promise<unknown> {
  return gate().callAsync(CREATE, 0, currentFlowNumber(), [typeid, args], `Manager.${typeid}`, signal);
}

/** Asks the server something (controls.ts), blocking. */
export function ask(gate: Gate, what: string, args: unknown[] = []): unknown {
  return gate().call(CONTROL, 0, 0, [what, args], `Manager.${what}`);
}

export async function askAsync(gate: Gate, what: string, args: unknown[] = []): Promise<unknown> {
  return gate().callAsync(CONTROL, 0, 0, [what, args], `Manager.${what}`);
}

/** Whether an error says that the server is not there any more. */
export function isGone(error: unknown): boolean {
  return error instanceof EOFError || error instanceof BrokenPipeError;
}
