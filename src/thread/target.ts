import { checkModuleTarget, isModuleTarget } from '../pickle/module-target.ts';
import { describe } from '../sync/timeout.ts';

/** A function that a thread or a process can run. */
// biome-ignore lint/suspicious/noExplicitAny: any function
export type Target = (...args: any[]) => unknown;

/** A target that has been checked: a function, or where to find one. */
export type ResolvedTarget = Target | { module: string; export: string } | null;

/** @throws TypeError it is neither a function nor a module target. @throws FileNotFoundError its file is not there. */
export function checkTarget(target: unknown, who: string): ResolvedTarget {
  if (target === undefined || target === null) return null;
  if (typeof target === 'function') return target as Target;
  if (isModuleTarget(target)) return checkModuleTarget(target);
  throw new TypeError(
    `${who}: target must be a function or { module: new URL('./job.js', import.meta.url), export: 'run' }, ` +
      `not ${describe(target)}`,
  );
}

/** @throws TypeError it is no array. */
export function checkArguments(args: unknown, who: string): readonly unknown[] {
  if (args === undefined || args === null) return [];
  if (Array.isArray(args)) return [...args];
  throw new TypeError(`${who}: args must be an array of the target's arguments, not ${describe(args)}`);
}

/** @throws TypeError it is no object. */
export function checkKwargs(kwargs: unknown, who: string): object | null {
  if (kwargs === undefined || kwargs === null) return null;
  if (typeof kwargs === 'object') return kwargs;
  throw new TypeError(`${who}: kwargs must be an object, the target's last argument, not ${describe(kwargs)}`);
}
