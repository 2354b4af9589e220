/** What is found out about a function is kept with it; sending it again copies the bytes. */

import type { Encoding } from './encoding.ts';
import { identityOf } from './identity.ts';
import type { Reference } from './references.ts';
import { LINK, LINK_CODE } from './wire.ts';

/** A function by value, encoded: a numbering of objects of its own, and what must go with it each time. */
export interface CodeForm {
  bytes: Uint8Array;
  references: object[];
  modules: string[];
}

/** How a function travels: as an export of a module, or by value, in a form for each scope. */
export interface FunctionForm {
  reference?: Reference;
  thread?: CodeForm;
  process?: CodeForm;
  cluster?: CodeForm;
}

const known = new WeakMap<object, FunctionForm>();

export function formOf(f: object): FunctionForm | undefined {
  return known.get(f);
}

export function keepForm(f: object, form: FunctionForm): void {
  known.set(f, form);
}

export function writeForm(e: Encoding, f: object, form: CodeForm): void {
  e.byte(LINK);
  e.byte(LINK_CODE);
  e.string(identityOf(f));
  e.block(form.bytes);
  for (const reference of form.references) e.addReference(reference);
  for (const module of form.modules) e.addModule(module);
}
