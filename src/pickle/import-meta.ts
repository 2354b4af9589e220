import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isBuiltin, requireFrom } from './modules.ts';

/** The `import.meta` of a module, for functions that were moved out of it. */
export function importMeta(url: string): object {
  const href = url.startsWith('/') ? pathToFileURL(url).href : url;
  const filename = href.startsWith('file:') ? fileURLToPath(href.split('?')[0]) : undefined;
  return {
    url: href,
    filename,
    dirname: filename && dirname(filename),
    main: false,
    resolve(specifier: string): string {
      if (isBuiltin(specifier)) return specifier.startsWith('node:') ? specifier : `node:${specifier}`;
      if (/^\.{0,2}\//.test(specifier)) return new URL(specifier, href).href;
      if (URL.canParse(specifier)) return specifier;
      return pathToFileURL(requireFrom(href).resolve(specifier)).href;
    },
  };
}
