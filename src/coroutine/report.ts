import { inspect } from 'node:util';
import { writeFully } from '../thread/output.ts';

/** A call in a text: `work(1, 'a')`. */
export function callText(functionName: string, args: readonly unknown[]): string {
  const show = (arg: unknown): string => inspect(arg, { depth: 0, breakLength: Number.POSITIVE_INFINITY }).slice(0, 50);
  return `${functionName}(${args.map(show).join(', ')})`;
}

/** Tells the standard error output what has ended a greenlet, in the form of gevent. */
export function reportFailure(greenlet: object, error: unknown): void {
  const kind = error instanceof Error ? error.name : typeof error;
  const time = new Date().toISOString().replace(/\.\d+/, '');
  writeFully(2, `${inspect(error)}\n${time} ${greenlet} failed with ${kind}\n\n`);
}

/** Tells of an error in what is called because a greenlet has ended. */
export function reportFollowing(what: string, greenlet: object, error: unknown): void {
  writeFully(2, `Exception in ${what} of ${greenlet}:\n${inspect(error)}\n`);
}
