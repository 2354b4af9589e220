import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram, runSuite } from '../harness/run-suite.ts';

runSuite('Listener and Client', 'connection/sockets.mjs');

describe('the file of a socket that nobody closes', () => {
  it.each(['blocked', 'waiting', 'main', 'exit'])('goes with the program: %s', async (how) => {
    const { code, stdout, stderr } = await runProgram('connection/left-open.mjs', [how]);
    expect({ code, stderr }).toEqual({ code: how === 'exit' ? 3 : 0, stderr: '' });
    const path = stdout.trim();
    expect(path).toMatch(/^\/.*\/listener$/);
    expect([existsSync(path), existsSync(dirname(path))]).toEqual([false, false]);
  });
});
