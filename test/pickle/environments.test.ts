import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build, type Format } from 'esbuild';
import typescript from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPickle, fixtures, removeFolder, root, temporaryFolder } from './other-side.ts';

const SOURCES = ['program.ts', 'imported.ts'];
const run = promisify(execFile);

let folder: string;
let environment: NodeJS.ProcessEnv;
beforeAll(async () => {
  folder = temporaryFolder();
  const pickle = await buildPickle(folder);
  environment = { ...process.env, PICKLE: pickle, EXCHANGE: join(fixtures, 'exchange.mjs'), NODE_OPTIONS: '' };
});
afterAll(() => removeFolder(folder));

/** A folder whose `.js` files are of one kind. */
function programFolder(name: string, type: 'module' | 'commonjs'): string {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, 'package.json'), JSON.stringify({ type }));
  return path;
}

async function esm(): Promise<string[]> {
  const outdir = programFolder('esm', 'module');
  await build({ entryPoints: SOURCES.map((file) => join(fixtures, file)), outdir, format: 'esm' });
  return [join(outdir, 'program.js')];
}

async function commonjs(): Promise<string[]> {
  const outdir = programFolder('cjs', 'commonjs');
  const { ModuleKind, ScriptTarget } = typescript;
  const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true };
  for (const file of SOURCES) {
    const source = readFileSync(join(fixtures, file), 'utf8');
    const { outputText } = typescript.transpileModule(source, { compilerOptions });
    writeFileSync(join(outdir, file.replace('.ts', '.js')), outputText);
  }
  return [join(outdir, 'program.js')];
}

async function bundle(format: Format): Promise<string[]> {
  const outfile = join(folder, `bundle.${format === 'esm' ? 'mjs' : 'cjs'}`);
  await build({ entryPoints: [join(fixtures, 'program.ts')], bundle: true, platform: 'node', format, outfile });
  return [outfile];
}

const tsx = pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href;

async function tsxCommonjs(): Promise<string[]> {
  const outdir = programFolder('tsx-cjs', 'commonjs');
  for (const file of SOURCES) copyFileSync(join(fixtures, file), join(outdir, file));
  return [join(root, 'node_modules/tsx/dist/cli.mjs'), join(outdir, 'program.ts')];
}

const environments: [string, () => Promise<string[]>][] = [
  ['an ES module', esm],
  ["TypeScript's CommonJS output", commonjs],
  ['an esbuild bundle of ES modules', () => bundle('esm')],
  ['an esbuild bundle of CommonJS', () => bundle('cjs')],
  ['a .ts file with node --import tsx', async () => ['--import', tsx, join(fixtures, 'program.ts')]],
  ['a .ts file of a CommonJS package with tsx', tsxCommonjs],
];

describe.each(environments)('functions of %s', (_, prepare) => {
  it('run in threads and processes as at home, and come back as themselves', async () => {
    const command = await prepare();
    for (const where of ['thread', 'process']) {
      const { stdout, stderr } = await run(process.execPath, [...command, where], { env: environment });
      const { here, there, home } = JSON.parse(stdout);
      expect(there).toEqual(here);
      expect(Object.keys(here).length).toBeGreaterThan(20);
      expect(home).toEqual([]);
      expect(stderr.replace(/.*ExperimentalWarning.*require.*\n.*trace-warnings.*\n/, '')).toBe('');
    }
  }, 60_000);
});

describe('modules', () => {
  const runModule = async (source: string) => {
    const args = ['--input-type=module', '-e', source];
    const { stdout } = await run(process.execPath, args, { env: environment, cwd: fixtures });
    return JSON.parse(stdout);
  };

  it('that are still running are not run again: their functions travel by value', async () => {
    const url = pathToFileURL(join(fixtures, 'runs-once.mjs')).href;
    const result = await runModule(`
      import { whileRunning, afterwards } from '${url}';
      console.log(JSON.stringify([whileRunning, afterwards(), globalThis.timesRun]));
    `);
    expect(result).toEqual([[], [url], 1]);
  });

  it('with top-level await can be imported before a message is read, but not while it is', async () => {
    const { stdout } = await run(process.execPath, [join(fixtures, 'import-late-sender.mjs')], { env: environment });
    const [failure, answer] = JSON.parse(stdout);
    expect(failure).toMatch(/waits\.mjs uses top-level await.*Import it before/);
    expect(answer).toBe(42);
  });
});

describe('a measurement of coverage', () => {
  it('goes on when functions of other files are sent by reference and by value', async () => {
    const { stdout } = await run(process.execPath, [join(fixtures, 'coverage.mjs')], { env: environment });
    expect(JSON.parse(stdout)).toEqual({ modules: 1, calls: 3 });
  });
});
