/** Where the project is: the same project is on each machine, but perhaps in another folder. */

import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FileNotFoundError } from '../errors.ts';
import { describe } from '../sync/timeout.ts';

/**
 * The folder of the project as a URL: the given one, or the nearest one with a `package.json`, from the working folder
 * upwards; the working folder, if there is none.
 * @throws TypeError it is no path. @throws FileNotFoundError there is no such folder.
 */
export function rootOf(given: string | URL | null | undefined, who: string): string {
  if (given === undefined || given === null) return folderUrl(nearestPackage(process.cwd()));
  if (typeof given !== 'string' && !(given instanceof URL)) {
    throw new TypeError(`${who}: root must be the path of a folder, not ${describe(given)}`);
  }
  const isUrl = given instanceof URL || given.startsWith('file:');
  const path = resolve(isUrl ? fileURLToPath(given) : (given as string));
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    throw new FileNotFoundError(`${who}: there is no folder ${path}, which root names`);
  }
  return folderUrl(path);
}

function nearestPackage(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) return from;
  }
}

/** Modules are known by their real paths. */
function folderUrl(path: string): string {
  const { href } = pathToFileURL(realpathSync(path));
  return href.endsWith('/') ? href : `${href}/`;
}
