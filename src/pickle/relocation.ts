/**
 * The same project in another folder: on another machine its files are elsewhere. A message names files by URL (or by
 * path, as CommonJS does); those below the folder of the project are named anew on the way.
 */

import { fileURLToPath } from 'node:url';

/** Two folders that hold the same project, as `file:` URLs with a slash at the end. */
export interface Relocation {
  from: string;
  to: string;
}

/** The name of a module or file (see modules.ts) as it is after the move; others stay what they are. */
export function relocate(name: string, relocation: Relocation | null): string {
  if (relocation === null || relocation.from === relocation.to) return name;
  const line = name.indexOf('\n');
  if (line >= 0) return `${name.slice(0, line + 1)}${relocate(name.slice(line + 1), relocation)}`;
  const { from, to } = relocation;
  if (name.startsWith(from)) return to + name.slice(from.length);
  if (name.startsWith('file:')) return name;
  const path = fileURLToPath(from);
  return name.startsWith(path) ? fileURLToPath(to) + name.slice(path.length) : name;
}
