// Tasks over Redis: this program starts a redis-server and two workers (`npx threadwork worker`), as if they were two
// machines, has them count primes, and kills one of them in the middle of it.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BullMQExecutor } from 'threadwork/futures/bullmq';

try {
  execFileSync('redis-server', ['--version']);
} catch {
  console.log('There is no redis-server here (Debian: apt-get install redis-server); nothing to show.');
  process.exit();
}

async function started(command, args, pattern, env) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child.once('exit', () => children.delete(child)));
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) if (pattern.test(chunk)) break;
  child.stdout.resume();
  return child;
}

const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill();
});

const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();
server.close();
const folder = mkdtempSync(join(tmpdir(), 'threadwork-example-'));
const settings = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
const redis = await started('redis-server', settings, /Ready/);

const authkey = 'known to the workers too';
const url = `redis://127.0.0.1:${port}`;
const program = fileURLToPath(new URL('../dist/threadwork.cjs', import.meta.url)); // npx threadwork
const options = ['worker', '--redis', url, '--threads', '1', '--lease', '2'];
const work = () => started(process.execPath, [program, ...options], /ready/, { THREADWORK_AUTHKEY: authkey });
const workers = await Promise.all([work(), work()]);
console.log('Redis and two workers are up');

function primesBetween(from, to) {
  let count = 0;
  for (let n = Math.max(from, 2); n < to; n++) {
    let isPrime = true;
    for (let d = 2; d * d <= n && isPrime; d++) isPrime = n % d !== 0;
    if (isPrime) count++;
  }
  return { count, by: process.pid };
}

const executor = new BullMQExecutor({ connection: url, authkey, attempts: 3 });
const STEP = 20_000;
const futures = Array.from({ length: 25 }, (_, i) => executor.submit(primesBetween, i * STEP, (i + 1) * STEP));
futures[8].addDoneCallback(() => workers[0].kill('SIGKILL'));
let total = 0;
const shares = new Map();
for (const future of futures) {
  const { count, by } = await future;
  total += count;
  shares.set(by, (shares.get(by) ?? 0) + 1);
}
console.log(`${shares.size} workers have found ${total.toLocaleString('en')} primes below 500,000`);
console.log(`one of them was killed: ${workers[0].signalCode}; what it had begun was done by the other`);
await executor.shutdownAsync();

workers[1].kill('SIGTERM');
await once(workers[1], 'exit');
redis.kill();
await once(redis, 'exit');
rmSync(folder, { recursive: true });
