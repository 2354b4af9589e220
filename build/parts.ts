/**
 * The parts in which the library is laid down, one file each, so that a thread need not load what belongs to processes.
 * esbuild finds out what belongs to which: it splits ES modules, and what it makes is turned into the body of a CommonJS
 * function, since a graph of ES modules would take 20 ms longer at each start. The loader (src/loader.ts) puts the parts
 * together again.
 */

import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Each builds on those before it, or on the first alone. */
export const PARTS = [
  'base',
  'threads',
  'functions',
  'parser',
  'children',
  'processes',
  'pools',
  'managers',
  'signals',
  'coroutines',
  'bullmq',
] as const;

/** A part is a function of this form; the line that it takes is not counted (src/loader.ts). */
const HEAD = '(function (exports, $r, part, importMetaUrl) {"use strict";\n';

/** What only a part of its own has: who uses such a file from elsewhere has that part loaded at the first call. */
const LATER = [
  { file: '/src/pickle/source.ts', part: 'functions' },
  { file: '/src/pickle/parse.ts', part: 'parser' },
];

interface Build {
  onResolve(
    options: { filter: RegExp },
    callback: (args: { path: string; importer: string; resolveDir: string }) => object | undefined,
  ): void;
  onLoad(
    options: { filter: RegExp; namespace: string },
    callback: (args: { path: string; pluginData: string }) => object,
  ): void;
}

/** Puts a call of the part in the place of each function that comes from it. */
export const loadLater = {
  name: 'load-later',
  setup(build: Build): void {
    build.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, importer, resolveDir }) => {
      const resolved = join(resolveDir, path);
      const later = LATER.find(({ file }) => resolved.endsWith(file));
      if (later === undefined || importer.endsWith(`/src/parts/${later.part}.ts`)) return undefined;
      return { path: resolved, namespace: 'later', pluginData: later.part };
    });
    build.onLoad({ filter: /.*/, namespace: 'later' }, ({ path, pluginData: part }) => {
      const names = [...readFileSync(path, 'utf8').matchAll(/^export \{ (.*) \} from/gm)].flatMap((m) =>
        m[1].split(', '),
      );
      const calls = names.map((name) => `export const ${name}=(...args)=>part('${part}').${name}(...args);`);
      return { contents: calls.join('\n') };
    });
  },
};

interface Metafile {
  outputs: Record<string, { inputs: Record<string, unknown>; entryPoint?: string }>;
}

/** Turns what esbuild has made in `dist` into one CommonJS file for each part. */
export function layDownParts(): void {
  const { outputs }: Metafile = JSON.parse(readFileSync('dist/metafile-esm.json', 'utf8'));
  rmSync('dist/metafile-esm.json');
  const scripts = Object.entries(outputs).filter(([path]) => path.endsWith('.cjs'));
  // What a build that failed has left behind.
  for (const file of readdirSync('dist')) {
    if (/^chunk-.*\.cjs(\.map)?$/.test(file) && !(`dist/${file}` in outputs)) rmSync(`dist/${file}`);
  }
  // What several parts share has a file without an entry, named by the part whose entry it holds.
  const names = new Map<string, string>();
  for (const [path, { inputs, entryPoint }] of scripts) {
    if (entryPoint !== undefined) continue;
    const part = PARTS.find((name) => `src/parts/${name}.ts` in inputs);
    if (part === undefined) throw new Error(`${path} belongs to no part: ${Object.keys(inputs)}`);
    names.set(basename(path, '.cjs'), part);
  }
  for (const part of PARTS) {
    const entry = readFileSync(`dist/${part}.cjs`, 'utf8');
    const shared = [...names].find(([, name]) => name === part)?.[0];
    if (shared === undefined) {
      writePart(part, commonJs(entry, names, 'exports.$part'));
      continue;
    }
    // The entry only names what is in the shared file.
    const naming = commonJs(entry, names, 'exports.$part').replace(`$r("./${part}.cjs")`, 'exports');
    const code = commonJs(readFileSync(`dist/${shared}.cjs`, 'utf8'), names, 'exports');
    const lines = code.replace(/\/\/# sourceMappingURL=.*/, '').trimEnd();
    writePart(part, `${lines}\n{${naming.replace(/\/\/# .*/, '').trim()}}\n`);
    rmSync(`dist/${shared}.cjs`);
    renameSync(`dist/${shared}.cjs.map`, `dist/${part}.cjs.map`);
  }
}

function writePart(part: string, code: string): void {
  const map = `//# sourceMappingURL=${part}.cjs.map`;
  writeFileSync(`dist/${part}.cjs`, `${HEAD}${code.replace(/\/\/# sourceMappingURL=.*/, '').trimEnd()}\n})\n${map}\n`);
}

/** As esbuild writes them: before the code of each source file that has them. */
const IMPORT =
  /^import(?: \* as (?<all>[\w$]+) from| (?<one>[\w$]+) from| \{(?<some>[^}]*)\} from)? "(?<file>node:\w+|\.\/[\w-]+\.cjs)";$/gm;
const EXPORT = /^export \{([^}]*)\};(?=\s*(?:\/\/# .*\s*)?$)/m;

/**
 * The body of a CommonJS function. What stands in the place of an import has as many lines as that, so that source maps
 * stay true.
 *
 * @param object - what the exports are assigned to
 */
function commonJs(code: string, names: Map<string, string>, object: string): string {
  const required = code.replaceAll(IMPORT, (...match) => {
    const lines = match[0].split('\n').length;
    return requirement(match.at(-1), names) + '\n'.repeat(lines - 1);
  });
  return required.replace(EXPORT, (_, list: string) => {
    const items = namesIn(list).map((item) => {
      const [name, alias = name] = item.split(' as ');
      return alias === name ? name : `${alias}: ${name}`;
    });
    return `Object.assign(${object}, { ${items.join(', ')} });`;
  });
}

function requirement({ all, one, some, file }: Record<string, string | undefined>, names: Map<string, string>): string {
  const path = String(file).replace(/^\.\/(.*)\.cjs$/, (_, name) => `./${names.get(name) ?? name}.cjs`);
  const name = all ?? one;
  if (some !== undefined) return `var { ${namesIn(some).join(', ').replaceAll(' as ', ': ')} } = $r("${path}");`;
  return name === undefined ? `$r("${path}");` : `var ${name} = $r("${path}");`;
}

function namesIn(list: string): string[] {
  return list.split(',').flatMap((name) => name.trim() || []);
}
