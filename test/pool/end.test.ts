import { describe, expect, it } from 'vitest';
import { runProgram } from '../harness/run-suite.ts';

const TASKS = ['task 0', 'task 1', 'task 2'];
const CALLBACKS = ['callback 0', 'callback 1', 'callback 2'];

async function run(kind: string, how: string): Promise<{ code: number | null; lines: string[] }> {
  const { code, stdout } = await runProgram('pool/end.mjs', [kind, how]);
  return { code, lines: stdout.trim().split('\n') };
}

describe.each(['ThreadPoolExecutor', 'ProcessPoolExecutor'])('the end of a program with a %s', (kind) => {
  it.each([
    ['end', 0],
    ['exit', 3],
    ['throw', 1],
  ])('tasks and their callbacks come before the exit event: %s', async (how, status) => {
    const { code, lines } = await run(kind, how);
    expect(code).toBe(status);
    expect(lines.at(-1)).toBe('exit');
    expect(lines.filter((line) => line.startsWith('task'))).toEqual(TASKS);
    expect(lines.filter((line) => line.startsWith('callback'))).toEqual(CALLBACKS);
  });
});

describe.each(['ThreadPoolExecutor', 'ProcessPoolExecutor', 'ThreadPool', 'Pool'])('an idle %s', (kind) => {
  it('does not keep the program alive', async () => {
    expect(await run(kind, 'idle')).toEqual({ code: 0, lines: ['main ends', 'exit'] });
  });
});

describe.each(['ThreadPool', 'Pool'])('the end of a program with a busy %s', (kind) => {
  it('a result that is awaited by nobody is waited for at a natural end', async () => {
    expect(await run(kind, 'end')).toEqual({ code: 0, lines: ['main ends', 'task 0', 'exit'] });
  });

  it('process.exit() ends its workers, as they are daemons', async () => {
    const { code, lines } = await run(kind, 'exit');
    expect(code).toBe(3);
    expect(lines).toContain('exit');
  });
});
