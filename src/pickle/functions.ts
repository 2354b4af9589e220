/**
 * Functions and classes: by name where the other side has or can import them, else as source text with what they
 * capture.
 */

import type { Encoding } from './encoding.ts';
import { formOf, writeForm } from './function-form.ts';
import { writeReference, writeTagged } from './links.ts';
import { refuseCode } from './network-scope.ts';
import { tagOfClass } from './reducer.ts';
import { writeUnknownFunction } from './source.ts';

export function writeFunction(e: Encoding, f: (...args: never[]) => unknown): void {
  if (e.scope === 'network') refuseCode(e, f);
  const known = formOf(f);
  if (known !== undefined) {
    if (known.reference !== undefined) {
      writeReference(e, known.reference);
      return;
    }
    const form = known[e.scope];
    if (form !== undefined && !e.inFunction && e.relocation === null) {
      writeForm(e, f, form);
      return;
    }
  }
  const tag = tagOfClass(f);
  if (tag === undefined) writeUnknownFunction(e, f);
  else writeTagged(e, tag);
}
