import { describe, expect, it } from 'vitest';
import { FileNotFoundError, ValueError } from '../../src/errors.ts';
import { checkModuleTarget, functionName, importModuleTarget, isModuleTarget } from '../../src/pickle/index.ts';

const job = new URL('../fixtures/pickle/job.mjs', import.meta.url);

describe('a module target', () => {
  it('is an object with a module and perhaps an export', () => {
    expect(isModuleTarget({ module: job })).toBe(true);
    expect(isModuleTarget({ module: job.href, export: 'run' })).toBe(true);
    for (const other of [null, 'x', () => 1, {}, { module: 1 }, { module: job, export: 2 }]) {
      expect(isModuleTarget(other)).toBe(false);
    }
  });

  it('is checked without running the module', () => {
    expect(checkModuleTarget({ module: job, export: 'run' })).toEqual({ module: job.href, export: 'run' });
    expect(checkModuleTarget({ module: job })).toEqual({ module: job.href, export: 'default' });
    expect(checkModuleTarget({ module: job.pathname, export: 'again' }).module).toBe(job.href);
    expect(checkModuleTarget({ module: 'path', export: 'join' })).toEqual({ module: 'node:path', export: 'join' });
    expect(globalThis).not.toHaveProperty('jobHasRun');
  });

  it('that does not exist is an error', () => {
    expect(() => checkModuleTarget({ module: new URL('./none.js', job) })).toThrow(FileNotFoundError);
    expect(() => checkModuleTarget({ module: 'no-such-package-here' })).toThrow(FileNotFoundError);
    expect(() => checkModuleTarget({ module: job, export: 'none' })).toThrow(ValueError);
    expect(() => checkModuleTarget({ module: job, export: 'none' })).toThrow('It exports default, run, again.');
    expect(() => checkModuleTarget({ module: './job.mjs' })).toThrow("new URL('./job.mjs', import.meta.url)");
  });

  it('is imported where it runs', async () => {
    const run = (await importModuleTarget(checkModuleTarget({ module: job, export: 'run' }))) as () => string;
    expect(run()).toBe('ran');
  });
});

describe('functionName', () => {
  it('gives a name to show', () => {
    function work() {}
    expect(functionName(work)).toBe('work');
    expect(functionName(work.bind(null))).toBe('work');
    expect(functionName(() => 1)).toBe('<anonymous>');
    expect(functionName({ module: job, export: 'run' })).toBe('run');
  });
});
