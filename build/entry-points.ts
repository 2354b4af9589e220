/** The files that programs, threads and processes begin with: they have the loader load a part, and name its exports. */

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { PARTS } from './parts.ts';

/** Who imports these will start threads: the first one should not have to load what Node needs for them. */
const STARTS_THREADS = ['threading', 'futures'];

/**
 * Writes the entry points: ES modules that name what a part exports for them. Node would parse the part for its exports
 * if it were imported; it is required instead.
 */
export function writeEntryPoints(): void {
  const { part } = createRequire(import.meta.url)(resolve('dist/loader.cjs'));
  const root: string[] = [];
  for (const name of PARTS) {
    const modules: Record<string, object> = part(name).modules ?? {};
    for (const [path, exports] of Object.entries(modules)) {
      const lines = [load(path, 'part', name)];
      if (STARTS_THREADS.includes(path)) lines.unshift("import 'node:worker_threads';");
      if (path.startsWith('multiprocessing')) lines.push('part.checkPlatform();');
      lines.push(`export const { ${Object.keys(exports).join(', ')} } = part.modules['${path}'];`);
      write(`${path}.js`, lines);
    }
    const roots = Object.keys(modules).filter((path) => !path.includes('/'));
    if (roots.length === 0) continue;
    root.push(load('index', name, name), `export const { ${roots.join(', ')} } = ${name}.modules;`);
  }
  write('index.js', root);
  // Bundled types would make values of the types in its namespaces.
  write('index.d.ts', [readFileSync('src/index.ts', 'utf8').trimEnd().replaceAll(/\.ts'/g, ".js'")]);
  writePrograms();
}

/** What the workers of a Piscina pool run, and the command. */
function writePrograms(): void {
  write('piscina-worker.cjs', ["module.exports = require('./loader.cjs').part('pools').runPiscinaTask;"]);
  write('threadwork.cjs', [
    '#!/usr/bin/env node',
    "require('./loader.cjs').part('bullmq').runCommand(process.argv.slice(2));",
  ]);
  chmodSync('dist/threadwork.cjs', 0o755);
}

function load(path: string, variable: string, part: string): string {
  const loader = path.includes('/') ? '../loader.cjs' : './loader.cjs';
  const require = "process.getBuiltinModule('node:module').createRequire(import.meta.url)";
  return `const ${variable} = ${require}('${loader}').part('${part}');`;
}

function write(name: string, lines: string[]): void {
  mkdirSync(dirname(`dist/${name}`), { recursive: true });
  writeFileSync(`dist/${name}`, `${lines.join('\n')}\n`);
}
