import { registerClass } from '../pickle/index.ts';
import { tagOfClass } from '../pickle/reducer.ts';

/**
 * Names what entry points export, `threading:currentThread`, so that a function that uses something of the library finds
 * it on the other side.
 */
export function nameExports<M extends Record<string, object>>(modules: M): M {
  for (const [module, exports] of Object.entries(modules)) {
    for (const [name, value] of Object.entries(exports)) {
      if (typeof value === 'function' && tagOfClass(value) === undefined) registerClass(`${module}:${name}`, value);
    }
  }
  return modules;
}
