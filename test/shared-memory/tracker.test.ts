import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, unlinkSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const FILE = fileURLToPath(new URL('../fixtures/shared-memory/tracker.mjs', import.meta.url));
const WARNING = (count: number) => `resource_tracker: There appear to be ${count} leaked shared_memory objects`;

const exists = (name: string): boolean => existsSync(`/dev/shm/${name}`);
const left = new Set<string>();

afterEach(() => {
  const leaked = [...left].filter(exists);
  for (const name of leaked) unlinkSync(`/dev/shm/${name}`);
  left.clear();
  expect(leaked).toEqual([]);
});

interface Running {
  child: ChildProcess;
  /** Its next line. */
  next(): Promise<unknown[]>;
  /** How it ended; only when nobody holds its output any more. */
  closed: Promise<{ code: number | null; signal: string | null; stderr: string }>;
}

function start(...args: string[]): Running {
  const child = spawn(process.execPath, [FILE, ...args], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return {
    child,
    next: async () => JSON.parse((await lines.next()).value as string),
    closed: new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, stderr }))),
  };
}

/** Names that a program prints; whatever happens, they do not stay. */
async function names(running: Running): Promise<string[]> {
  const found = (await running.next()).filter((value) => typeof value === 'string');
  for (const name of found) left.add(name);
  return found;
}

describe('a block that is tracked', () => {
  it('is removed when its program ends, with a warning', async () => {
    const program = start('leaves-blocks');
    const [name] = await names(program);
    const { code, stderr } = await program.closed;
    expect(code).toBe(0);
    expect(stderr).toContain(WARNING(2));
    expect(stderr).toContain(name);
    expect(exists(name)).toBe(false);
  });

  it('is removed after process.exit()', async () => {
    const program = start('exits');
    const [name] = await names(program);
    const { code, stderr } = await program.closed;
    expect(code).toBe(3);
    expect(stderr).toContain(WARNING(1));
    expect(exists(name)).toBe(false);
  });

  it('is no more when unlink() has removed it: no warning', async () => {
    const program = start('removes-blocks');
    const found = await names(program);
    expect(await program.closed).toEqual({ code: 0, signal: null, stderr: '' });
    expect(found.filter(exists)).toEqual([]);
  });

  it.each(['program', 'process group'])('is removed after kill -9 of the %s, whatever its name', async (what) => {
    const program = start('is-killed');
    const found = await names(program);
    expect(found.map(exists)).toEqual([true, true, true]);
    const pid = program.child.pid as number;
    process.kill(what === 'program' ? pid : -pid, 'SIGKILL');
    const { signal, stderr } = await program.closed;
    expect(signal).toBe('SIGKILL');
    expect(stderr).toContain(WARNING(3));
    expect(found.filter(exists)).toEqual([]);
  });

  it('stays when the child process that made it ends, until the program does', async () => {
    const program = start('child-makes-one');
    const line = (await program.next()) as [string, number, number];
    left.add(line[0]);
    expect(line.slice(1)).toEqual([100, 0]);
    expect((await program.closed).stderr).toContain(WARNING(1));
    expect(exists(line[0])).toBe(false);
  });

  it('stays when the program is killed, until the child that uses it has ended', async () => {
    const program = start('child-outlives');
    const [name, child] = (await program.next()) as [string, number];
    left.add(name);
    const ended = new Promise((resolve) => program.child.on('exit', resolve));
    process.kill(program.child.pid as number, 'SIGKILL');
    await ended;
    expect(exists(name)).toBe(true);
    process.kill(child, 'SIGKILL');
    expect((await program.closed).stderr).toContain(WARNING(1));
    expect(exists(name)).toBe(false);
  });

  it('stays when the thread that made it ends', async () => {
    const program = start('thread-makes-one');
    const [name] = await names(program);
    expect(await program.next()).toBe(100);
    await program.closed;
    expect(exists(name)).toBe(false);
  });

  it('is removed though somebody has killed the tracker', async () => {
    const program = start('tracker-is-killed');
    const found = await names(program);
    expect((await program.closed).stderr).toMatch(/process died unexpectedly(.|\n)*leaked shared_memory/);
    expect(found.filter(exists)).toEqual([]);
  });

  it('is removed though somebody has asked the tracker to end', async () => {
    const program = start('tracker-is-asked-to-end');
    const [name] = await names(program);
    expect((await program.closed).stderr).toContain(WARNING(1));
    expect(exists(name)).toBe(false);
  });
});

describe('a block that is not tracked', () => {
  it('stays when its program ends', async () => {
    const program = start('untracked');
    const [name] = await names(program);
    expect(await program.closed).toEqual({ code: 0, signal: null, stderr: '' });
    expect(exists(name)).toBe(true);
    unlinkSync(`/dev/shm/${name}`);
  });

  it('and was only opened, stays, unless it is tracked there', async () => {
    const name = `threadwork-test-${process.pid}-opened`;
    writeFileSync(`/dev/shm/${name}`, Buffer.alloc(10));
    left.add(name);
    expect(await start('opens-only', name).closed).toEqual({ code: 0, signal: null, stderr: '' });
    expect(exists(name)).toBe(true);
    expect((await start('opens-tracked', name).closed).stderr).toContain(WARNING(1));
    expect(exists(name)).toBe(false);
  });
});
