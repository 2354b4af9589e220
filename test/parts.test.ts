import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('./fixtures/program/parts.mjs', import.meta.url));

it('a thread or process loads the parts of the library that it needs, and no more', () => {
  const lines = execFileSync(process.execPath, [PROGRAM], { encoding: 'utf8', timeout: 60_000 }).trim().split('\n');
  expect(lines).toEqual([
    'main: threads',
    'main, after an exported function: functions threads',
    'thread: threads',
    'main, after a closure: functions parser threads',
    'process: processes threads',
    // The first message that names something of processes has that part loaded.
    'thread of Event: processes threads',
  ]);
});
