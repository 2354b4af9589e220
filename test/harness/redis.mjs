/** A Redis of one's own, and workers of `npx threadwork worker` as separate processes. All end with this program. */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const COMMAND = fileURLToPath(new URL('../../dist/threadwork.cjs', import.meta.url));
export const AUTHKEY = 'the secret of these tests';

/** Whether redis-server (the Debian package of that name) is installed. */
export function hasRedis() {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const children = new Set();
const folders = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Ends what a failed test has left behind; otherwise there is nothing. */
export function endAll() {
  for (const child of children) child.kill('SIGKILL');
}

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'threadwork-redis-'));
  folders.add(folder);
  return folder;
}

function start(command, args, options) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  children.add(child);
  child.output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      child.output += text;
      child.emit('text');
    });
  }
  child.ended = once(child, 'close').then(([code, signal]) => {
    children.delete(child);
    return { code, signal, output: child.output };
  });
  return child;
}

/** Resolves when the output of a child matches. */
export async function says(child, pattern) {
  while (!pattern.test(child.output)) {
    const ended = await Promise.race([once(child, 'text'), child.ended]);
    if (!Array.isArray(ended) && !pattern.test(child.output)) {
      throw new Error(`it never said ${pattern}, but:\n${child.output}`);
    }
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export async function startRedis(port = 0) {
  port ||= await freePort();
  const folder = temporaryFolder();
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const child = start('redis-server', settings);
  await says(child, /Ready to accept connections/);
  return {
    port,
    child,
    url: `redis://127.0.0.1:${port}`,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await child.ended;
      rmSync(folder, { recursive: true, force: true });
      folders.delete(folder);
    },
  };
}

/** Starts the command; see {@link startWorker}. */
export function command(args, options = {}) {
  const env = { ...process.env, THREADWORK_AUTHKEY: AUTHKEY, ...options.env };
  for (const [name, value] of Object.entries(env)) if (value === undefined) delete env[name];
  return start(process.execPath, [...(options.execArgv ?? []), COMMAND, ...args], { cwd: options.cwd, env });
}

/** A worker that is ready. */
export async function startWorker(redis, args = [], options = {}) {
  const child = command(['worker', '--redis', redis.url, '--lease', '2', ...args], options);
  await says(child, /ready: /);
  return child;
}
