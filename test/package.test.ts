import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const fixtures = fileURLToPath(new URL('./fixtures/package', import.meta.url));
const EXPECTED = [{ text: 'thread', total: 21 }, { text: 'process', total: 63 }, 0, 'named', 'MainThread'];

let app = '';

beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), 'threadwork-package-'));
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', app], {
    cwd: root,
    encoding: 'utf8',
  }).trim();
  const modules = join(app, 'node_modules');
  mkdirSync(join(modules, 'threadwork'), { recursive: true });
  execFileSync('tar', ['xzf', join(app, packed), '--strip-components=1', '-C', join(modules, 'threadwork')]);
  // What an installation would bring along, and tsx.
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.') && name !== 'threadwork')
      symlinkSync(resolve(root, 'node_modules', name), join(modules, name));
  }
  for (const file of readdirSync(fixtures)) cpSync(join(fixtures, file), join(app, file));
  for (const file of readdirSync(fixtures)) {
    const source = readFileSync(join(fixtures, file), 'utf8');
    for (const [format, extension] of [
      ['esm', 'mjs'],
      ['cjs', 'cjs'],
    ] as const) {
      const { code } = transformSync(source, { loader: 'ts', format, target: 'node20' });
      const name = file.replace('.ts', `.${extension}`);
      writeFileSync(join(app, name), code.replace('./helper.ts', `./helper.${extension}`));
    }
  }
});

afterAll(() => rmSync(app, { recursive: true, force: true }));

const run = (...args: string[]): string =>
  execFileSync(process.execPath, args, { cwd: app, encoding: 'utf8', timeout: 60_000 });

describe('the package, installed in another folder', () => {
  it('works from an ES module', () => {
    expect(JSON.parse(run('program.mjs'))).toEqual(EXPECTED);
  });

  it('works from CommonJS', () => {
    expect(JSON.parse(run('program.cjs'))).toEqual(EXPECTED);
  });

  it('works from TypeScript through tsx', () => {
    writeFileSync(join(app, 'package.json'), '{ "type": "module" }');
    expect(JSON.parse(run('--import', 'tsx', 'program.ts'))).toEqual(EXPECTED);
  });

  it('works from TypeScript that tsx makes CommonJS of', () => {
    writeFileSync(join(app, 'package.json'), '{}');
    expect(JSON.parse(run('--import', 'tsx', 'program.ts'))).toEqual(EXPECTED);
  });

  it('exports every module, as promised', () => {
    const { exports } = JSON.parse(readFileSync(join(app, 'node_modules/threadwork/package.json'), 'utf8'));
    for (const name of Object.keys(exports).filter((key) => !key.endsWith('.json'))) {
      const specifier = name.replace('.', 'threadwork');
      const count = run('-e', `import('${specifier}').then((m) => console.log(Object.keys(m).length))`);
      expect(Number(count), specifier).toBeGreaterThan(0);
    }
  });

  it('loads neither the parser, nor the inspector, nor the native library, before they are needed', () => {
    const loaded = run(
      '--input-type=module',
      '-e',
      `await import('threadwork/threading');
       const { createRequire } = await import('node:module');
       const cached = Object.keys(createRequire(import.meta.url).cache);
       const native = process.moduleLoadList.filter((name) => /inspector$/.test(name));
       console.log(JSON.stringify([cached.filter((name) => /acorn|koffi|eslint/.test(name)), native]));`,
    );
    expect(JSON.parse(loaded)[0]).toEqual([]);
    expect(JSON.parse(loaded)[1].filter((name: string) => name === 'NativeModule inspector')).toEqual([]);
  });
});
