import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../harness/run-suite.ts';

const run = (name: string) => runProgram('program/end.mjs', [name]);

/** Whether a process runs; a zombie does not. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 25));
}

/** The processes that have a piece of text among their arguments. */
function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        return pid > 0 && pid !== process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    });
}

describe('how a program ends', () => {
  it('waits for its threads, and then runs exit listeners', async () => {
    const { code, stdout } = await run('thread-outlives-main');
    expect(stdout).toBe('main ends\nthread ends\nexit listener\n');
    expect(code).toBe(0);
  });

  it('waits for threads and children also after process.exit()', async () => {
    const { code, stdout } = await run('exit-waits');
    expect(stdout).toBe('main exits\nthread ends\nprocess ends\nexit listener 3\n');
    expect(code).toBe(3);
  });

  it('waits for threads also after an uncaught error', async () => {
    const { code, stdout, stderr } = await run('error-waits');
    expect(stdout).toBe('thread ends\n');
    expect(stderr).toContain('main fails');
    expect(code).toBe(1);
  });

  it('ends daemon threads and daemonic children with it, whatever they do', async () => {
    const { code, stdout } = await run('daemons');
    expect(code).toBe(0);
    const pid = Number(/child (\d+)/.exec(stdout)?.[1]);
    expect(isRunning(pid)).toBe(false);
  });

  it('ends the spare child of forkserver', async () => {
    const { code, stdout } = await run('forkserver');
    expect(stdout).toBe('exit code 0\n');
    expect(code).toBe(0);
    await until(() => processesWith('end.mjs\0forkserver').length === 0);
    expect(processesWith('end.mjs\0forkserver')).toEqual([]);
  });

  it('is kept alive by an awaited call, and not by one that was given up', async () => {
    expect((await run('await-keeps-alive')).stdout).toBe('set\n');
    expect((await run('abandoned-wait')).stdout).toBe('aborted\nfalse\n');
  });
});

describe('what a thread writes', () => {
  it('is there while the main thread blocks', async () => {
    const { stdout, stderr } = await run('output-while-blocked');
    expect(stdout).toBe('out 1\nout 2\nmain goes on\n');
    expect(stderr).toBe('err 1\n');
  });

  it('is there in full, also through a pipe that fills up', async () => {
    const { stdout } = await run('big-output');
    expect(stdout.length).toBe(3_000_001 + 'done\n'.length);
  });

  it('and its uncaught error, with a stack; a process the same', async () => {
    const { code, stdout, stderr } = await run('errors-are-printed');
    expect(stdout).toBe('main goes on\n');
    expect(stderr).toMatch(
      /Exception in thread worker:\nTypeError: thread fails\n\s+at failing \(.*end\.mjs:\d+:\d+\)/,
    );
    expect(stderr).toMatch(/Process worker process:\nTypeError: process fails\n\s+at failing \(.*end\.mjs:\d+:\d+\)/);
    expect(code).toBe(0);
  });
});

describe('when a parent is killed', () => {
  it('its daemonic children go with it, and the others finish their work', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'threadwork-test-'));
    const finished = join(folder, 'finished');
    try {
      const file = fileURLToPath(new URL('../fixtures/program/end.mjs', import.meta.url));
      const parent = spawn(process.execPath, [file, 'killed-parent', finished], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const line = await new Promise<string>((resolve) => {
        parent.stdout.setEncoding('utf8').once('data', resolve);
      });
      const { daemon, child } = JSON.parse(line) as { daemon: number; child: number };
      await until(() => processesWith(finished).length >= 4);
      expect(isRunning(daemon)).toBe(true);
      parent.kill('SIGKILL');
      await until(() => !isRunning(daemon));
      expect(isRunning(daemon)).toBe(false);
      await until(() => existsSync(finished) && !isRunning(child));
      expect(existsSync(finished)).toBe(true);
      await until(() => processesWith(finished).length === 0);
      expect(processesWith(finished)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
