import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The interpreters of Python 3 that are to be found here: by name, where systems put them, and those of pyenv. */
function interpreters(): string[] {
  const versions = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const ofPyenv = existsSync(versions) ? readdirSync(versions).map((name) => join(versions, name, 'bin/python3')) : [];
  const named = ['15', '14', '13', '12', '11', '10', '9'].map((minor) => `python3.${minor}`);
  return ['python3', ...named, '/usr/bin/python3', ...ofPyenv];
}

/** The 13 of 3.13; not a number where the interpreter is missing. */
function minorOf(python: string): number {
  try {
    const options = { encoding: 'utf8' as const, stdio: ['ignore', 'pipe', 'ignore'] as ('ignore' | 'pipe')[] };
    return Number(execFileSync(python, ['-c', 'import sys; print(sys.version_info[1])'], options));
  } catch {
    return Number.NaN;
  }
}

/** An interpreter of Python 3 whose minor version is wanted, the newest of those that are. */
export function findPython(wanted: (minor: number) => boolean): string | undefined {
  const found = interpreters().map((python) => ({ python, minor: minorOf(python) }));
  return found.filter(({ minor }) => wanted(minor)).sort((a, b) => b.minor - a.minor)[0]?.python;
}
