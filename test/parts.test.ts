import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('./fixtures/program/parts.mjs', import.meta.url));

it('a thread or process loads the parts of the library that it needs, and no more', () => {
  const lines = execFileSync(process.execPath, [PROGRAM], { encoding: 'utf8', timeout: 60_000 }).trim().split('\n');
  expect(lines).toEqual([
    'main: base threads',
    'main, after an exported function: base functions threads',
    'main, after a function that needs nothing of its surroundings: base functions threads',
    // The thread has been sent a queue before.
    'thread: base threads',
    'main, after a closure: base functions parser threads',
    'process: base children',
    // The first message that names something of processes has that part loaded.
    'thread of Event: base children processes threads',
  ]);
});

it('what Node shows of an error that nobody catches is a line of code, not the whole library', () => {
  const program = `import { Lock } from 'threadwork/threading'; new Lock().release();`;
  const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  expect(status).toBe(1);
  expect(stderr).toContain('RuntimeError: Lock.release: the lock is not held');
  expect(Math.max(...stderr.split('\n').map((line) => line.length))).toBeLessThan(300);
});
