import { findBuiltin } from './builtins.ts';

/** A global variable that the program has made; those of the platform, which are everywhere, are none. */
export function ownGlobal(name: string): { value: unknown } | undefined {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
  if (descriptor === undefined || !('value' in descriptor) || !descriptor.configurable) return undefined;
  const { value } = descriptor;
  const isPlatforms = Object(value) === value ? findBuiltin(value) !== undefined : !descriptor.enumerable;
  return isPlatforms ? undefined : { value };
}
