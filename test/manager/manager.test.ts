import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { runProgram, runSuite } from '../harness/run-suite.ts';

runSuite('objects of a manager', 'manager/objects.mjs');
runSuite('locks and queues of a manager', 'manager/locks.mjs');
runSuite('managers of your own', 'manager/custom.mjs');
runSuite('SharedMemoryManager', 'manager/shared-memory.mjs');
runSuite('managers over a network', 'manager/network.mjs');
runSuite('greenlets that call a manager', 'manager/greenlets.mjs');

const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

describe('whatever ends a program, its managers go with it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'threadwork-life-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const cases: [how: string, ending: number | string, more: string][] = [
    ['end', 0, ''],
    ['exit', 3, ''],
    ['throw', 1, ''],
    ['kill', 'SIGKILL', ''],
    ['terminate', 'SIGTERM', ''],
    ['servers', 0, 'EOFError\n|BrokenPipeError\n'],
    ['busy', 0, 'EOFError\n|'],
    ['children', 0, '1\n'],
  ];

  it.each(cases)('%s', async (how, ending, more) => {
    const path = join(folder, how);
    const { code, signal, stdout } = await runProgram('manager/life.mjs', [how, path]);
    const [first, ...rest] = stdout.split('\n');
    const [server, worker, shared, block] = first.split(' ');
    expect([signal ?? code, rest.join('\n')]).toEqual([ending, expect.stringMatching(new RegExp(`^(?:${more})$`))]);
    await vi.waitFor(
      () => expect([server, worker, shared].filter((pid) => isRunning(Number(pid)))).toEqual([]),
      10_000,
    );
    await vi.waitFor(() => expect([existsSync(path), existsSync(`/dev/shm/${block}`)]).toEqual([false, false]), 10_000);
  });
});

it('a storm of kills leaves a manager that works', async () => {
  const { code, stdout, stderr } = await runProgram('manager/storm.mjs', [], { seconds: 110 });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'done, dict, true\n', stderr: '' });
});
