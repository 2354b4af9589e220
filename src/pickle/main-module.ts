import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

let main: string | null | undefined;

/**
 * Sets the program's main module, by its `file:` URL; null when there is none (`node -e`). The bootstraps of threads and
 * processes call it with the main module of their program; elsewhere it is `process.argv[1]`.
 */
export function setMainModule(url: string | null): void {
  main = url;
}

/** The `file:` URL of the program's main module. */
export function mainModule(): string | null {
  if (main !== undefined) return main;
  const path = process.argv[1];
  if (!path) {
    main = null;
    return main;
  }
  try {
    main = pathToFileURL(realpathSync(path)).href;
  } catch {
    // A main module may be named without its extension.
    main = pathToFileURL(path).href;
  }
  return main;
}

/** Whether a module is the main one, which no other thread or process may run again. */
export function isMainModule(url: string): boolean {
  const known = mainModule();
  if (known === null) return false;
  return url === known || url.replace(/\.[cm]?js$/, '') === known || url.split('?')[0] === known;
}
