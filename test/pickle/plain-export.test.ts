import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainlyExports } from '../../src/pickle/plain-export.ts';
import { exportedNames } from '../../src/pickle/source.ts';

it('sees exports that fill a line, also below comments', () => {
  const declarations = [
    'export function run() {}',
    'export function* run() {}',
    'export async function run() {}',
    'export async function* run() {}',
    'export class run {}',
    'export class run extends Object {}',
    'export const run = 1;',
    'export let run;',
    'export var run, other;',
    'export default function () {}',
    'export default (a, b) => a + b;',
    'export default {};',
  ];
  for (const declaration of declarations) {
    const name = declaration.includes('default') ? 'default' : 'run';
    for (const before of [
      '',
      "import x from 'y';\n",
      '/** What `it` does. */\n',
      '// says so\r\n',
      '#!/usr/bin/env node\n',
    ]) {
      expect(plainlyExports(before + declaration, name), before + declaration).toBe(true);
    }
    expect(plainlyExports(declaration, 'ru')).toBe(false);
    expect(plainlyExports(declaration, 'runs')).toBe(false);
  }
});

it('leaves to the parser what may be something else', () => {
  const unsure = [
    '/* export const a = 1;\nexport const run = 1;\n*/',
    'const a = 1; /*\nexport const run = 1;\n*/',
    '/* a */ /*\nexport const run = 1;\n*/',
    '`\nexport const run = 1;\n`;',
    "'\\\nexport const run = 1;'",
    '// export const run = 1;',
    ' export const run = 1;',
    'export const runé = 1;',
    'export const { run } = {};',
    'export { run };',
    'const run = 1;',
  ];
  for (const source of unsure) expect(plainlyExports(source, 'run'), source).toBe(false);
});

it('is never wrong', () => {
  const piece = fc.constantFrom(
    'export const run = 1;',
    'export default 1;',
    'export function run() {}',
    'const a = 2;',
    '`',
    '/*',
    '*/',
    '/**',
    '//',
    "'",
    '"',
    '\\',
    '\n',
    '\r\n',
    '\u2028',
    ' ',
    ';',
    'a',
    '/',
    '${',
    '}',
  );
  let sure = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 9 }), fc.constantFrom('run', 'default'), (pieces, name) => {
      const source = pieces.join('');
      if (!plainlyExports(source, name)) return;
      let names: Set<string> | undefined;
      try {
        names = exportedNames(source);
      } catch {
        return; // no module at all
      }
      sure++;
      expect(names?.has(name), JSON.stringify(source)).toBe(true);
    }),
    { numRuns: 60_000 },
  );
  expect(sure).toBeGreaterThan(1000);
});
