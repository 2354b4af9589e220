import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/pickle/analysis.ts';
import { analyseWords } from '../../src/pickle/words.ts';

const scopes = [
  { kind: 'Closure', variables: { inner: 1, shadowed: 2 } },
  { kind: 'Module', variables: { work: 3, limit: 4, é: 5, $: 6 } },
];
const names = scopes.flatMap(({ variables }) => Object.keys(variables));

const FREE = [
  '() => {}',
  '(n) => { let s = 0; for (let i = 0; i < n; i++) s += Math.sqrt(i); return s; }',
  'async () => { await null; }',
  'async x => x',
  'async => async',
  'async function () { return 1; }',
  'function () {}',
  'function* count(to) { yield* [to]; }',
  'async function* later() {}',
  'function work(n) { return n + 1; }',
  'function fact(n) { return n ? n * fact(n - 1) : 1; }',
  '({ a, b = 2 }, [c], ...rest) => a + b + c + rest.length',
  '() => class { static x = 1; #y = 2; get z() { return 3; } }',
  '() => new Map([[/re(gex)?/g, "text"]])',
  '() => console.log(process.pid, globalThis.performance.now())',
];

const NEEDY = [
  '() => inner',
  '(a = limit) => a',
  '() => ({ limit })',
  '() => $("x")',
  '() => é',
  '() => { shadowed = 1; }',
  'function work(n) { return n ? work(n - 1) : 0; }',
  '() => l\\u0069mit',
  '() => this',
  '() => arguments',
  'function () { return new.target; }',
  'function () { return new . target; }',
  'function () { return new /* */ . target; }',
  '() => eval("limit")',
  '() => import("node:fs")',
  '() => import.meta.url',
  '() => __vi_import_0__.x',
];

const OTHERS = [
  'class A {}',
  'method() { return 1; }',
  'async method() { return 1; }',
  'async(x) { return (y) => y; }',
  'get x() { return 1; }',
  '[computed]() {}',
  '#secret() {}',
  '*count() {}',
  '(a = f(1)) => a',
];

describe('the words of a function', () => {
  it.each(FREE)('tell that nothing around it is used: %s', (text) => {
    const found = analyseWords(text, scopes);
    expect(found).toBeDefined();
    const { free, ...rest } = analyse(text, 'module');
    expect(free.filter(({ name }) => names.includes(name))).toEqual([]);
    expect(found).toEqual({ ...rest, free: [], heritage: undefined, computedKey: undefined });
  });

  it.each([...NEEDY, ...OTHERS])('do not tell: %s', (text) => {
    expect(analyseWords(text, scopes)).toBeUndefined();
  });

  it('are looked up among the globals of the program', () => {
    Object.assign(globalThis, { settingOfProgram: 1 });
    try {
      expect(analyseWords('() => settingOfProgram', scopes)).toBeUndefined();
    } finally {
      delete (globalThis as { settingOfProgram?: number }).settingOfProgram;
    }
    expect(analyseWords('() => settingOfProgram', scopes)).toBeDefined();
  });
});
