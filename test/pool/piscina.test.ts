import type { Piscina } from 'piscina';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { PiscinaExecutor, PiscinaLike } from '../../src/futures/piscina.ts';
import type { Future } from '../../src/futures.ts';
import { runProgram, runSuite } from '../harness/run-suite.ts';

runSuite('futures.PiscinaExecutor', 'pool/piscina.mjs');
runSuite('futures.PiscinaExecutor over a pool that is older than the block', 'pool/piscina.mjs', {
  env: { POOL: 'first' },
});

describe('a program with a PiscinaExecutor', () => {
  it('ends when its tasks are done', async () => {
    const { code, signal, stdout, stderr } = await runProgram('pool/piscina-program.mjs');
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(stdout).toBe('42\n');
  });
});

it('takes what Piscina calls a pool', () => {
  expectTypeOf<Piscina>().toExtend<PiscinaLike>();
});

it('knows the types of arguments and results', () => {
  const use = (executor: PiscinaExecutor): void => {
    expectTypeOf(executor.submit((n: number) => String(n), 1)).toEqualTypeOf<Future<string>>();
    expectTypeOf(executor.submit(async () => 1)).toEqualTypeOf<Future<number>>();
    // @ts-expect-error: the argument is of another type
    executor.submit((n: number) => n, 'one');
  };
  expect(use).toBeTypeOf('function');
});
