import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { DeadlockWait } from '../../src/threading.ts';
import { claims } from '../fixtures/sync/deadlock.ts';
import { runFile } from '../harness/run-file.ts';
import { proveOnEachMemory } from './claims.ts';

proveOnEachMemory(claims);

describe('a DeadlockError', () => {
  it('calls threads and processes by their names', async () => {
    const program = fileURLToPath(new URL('../fixtures/sync/deadlock-names.mjs', import.meta.url));
    const { code, stdout, stderr } = await runFile(program);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const cycles = JSON.parse(stdout) as DeadlockWait[][];
    const names = cycles.map((waits) => waits.map(({ waiter }) => waiter.replace(/ of process \d+$/, '')).sort());
    expect(names).toEqual([
      ['back', 'there'],
      ['Process-2: inner', 'outer'],
    ]);
    for (const [one, other] of cycles) expect([one.holder, other.holder]).toEqual([other.waiter, one.waiter]);
  });
});
