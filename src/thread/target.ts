import { checkModuleTarget, importModuleTarget, isModuleTarget, type ModuleTarget } from '../pickle/module-target.ts';
import { describe } from '../sync/timeout.ts';

/** A function that a thread or a process can run. */
// biome-ignore lint/suspicious/noExplicitAny: any function
export type Target = (...args: any[]) => unknown;

/**
 * What a thread or process calls: a function with its arguments, the same with `kwargs`, or a function of a module, of
 * whose parameters the types know nothing.
 */
export type Call<F extends Target = Target> = FunctionCall<F> | KwargsCall<F> | ModuleCall;

/** A function and all of its arguments. Those that it needs must be there, optional ones may be left out. */
export type FunctionCall<F extends Target> = {
  /** What is called. */
  target?: F | null;
  /** Absent: the target's arguments are all in `args`. */
  kwargs?: null;
} & ([] extends Parameters<F> ? OptionalArguments<F> : RequiredArguments<F>);

/** The arguments of a target that can be called without any. */
export interface OptionalArguments<F extends Target> {
  /** The target's arguments. */
  args?: Readonly<Parameters<F>> | null;
}

/** The arguments of a target that needs some. */
export interface RequiredArguments<F extends Target> {
  /** The target's arguments. */
  args: Readonly<Parameters<F>>;
}

/** A function whose last argument is an object, named apart as in Python. */
export type KwargsCall<F extends Target> = {
  /** What is called. */
  target: F;
  /** The target's last argument, an object. */
  kwargs: LastArgument<F> & object;
} & ([] extends LeadingArguments<F>
  ? {
      /** The target's arguments but the last. */
      args?: Readonly<LeadingArguments<F>> | null;
    }
  : {
      /** The target's arguments but the last. */
      args: Readonly<LeadingArguments<F>>;
    });

/** A function that a module exports, and its arguments. */
export interface ModuleCall {
  /** Where the function is. */
  target: ModuleTarget;
  /** The target's arguments. */
  args?: readonly unknown[] | null;
  /** The target's last argument, an object. */
  kwargs?: object | null;
}

/** All parameters but the last; none of them can be left out, since the last comes after them. */
export type LeadingArguments<F extends Target> =
  Required<Parameters<F>> extends [...infer Leading, unknown]
    ? { [I in keyof Leading]: I extends keyof Parameters<F> ? Parameters<F>[I] : never }
    : Parameters<F>;

/** The last parameter; any object for a function that takes any number of arguments. */
export type LastArgument<F extends Target> =
  Required<Parameters<F>> extends [...unknown[], infer Last] ? Last : Parameters<F> extends [] ? never : object;

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

/** Calls a target with its arguments and, last, its keyword arguments; one in a module is imported first. */
export function callTarget(target: ResolvedTarget, args: readonly unknown[], kwargs: object | null): unknown {
  if (target === null) return;
  const all = kwargs === null ? args : [...args, kwargs];
  if (typeof target === 'function') return target(...all);
  return importModuleTarget(target).then((exported) => (exported as Target)(...all));
}
