import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../fixtures/process/logger.mjs', import.meta.url));

it('getLogger and logToStderr tell of this process, its threads and its children, as in Python', () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [PROGRAM], { encoding: 'utf8', timeout: 60_000 });
  expect(stdout.trim().split('\n')).toEqual([
    'WARNING MainProcess told',
    'ValueError: logToStderr: there is no level "LOUD"; it is one of NOTSET, DEBUG, INFO, WARNING, ERROR, CRITICAL',
    "TypeError: Logger.setLevel: the level must be a name such as 'INFO' or an integer, not 1.5",
    'ValueError: Logger.log: a level is not negative, as -1 is',
    'true 20 false',
  ]);
  const lines = stderr.trim().split('\n');
  // The pool's worker begins while its parent goes on; it is terminated, and says nothing of its end.
  expect(lines.filter((line) => !line.includes('PoolWorker'))).toEqual([
    'a warning without a handler',
    'of a child',
    '[INFO/MainProcess] in a thread',
    '[INFO/Process-2] child process calling self.run()',
    '[INFO/Process-2] at work',
    '[INFO/Process-2] process shutting down',
    '[INFO/Process-2] process exiting with exitcode 3',
    '[Level 25/MainProcess] exitcode 3',
  ]);
  expect(lines.some((line) => /^\[CRITICAL\/\S*PoolWorker-\d+\] in a pool$/.test(line))).toBe(true);
  expect(status).toBe(0);
});
