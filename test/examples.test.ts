import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runFile } from './harness/run-file.ts';

const folder = fileURLToPath(new URL('../examples', import.meta.url));

/** What must be among the output of each example. */
const EXPECTED: Record<string, (string | RegExp)[]> = {
  'two-threads.mjs': [
    '[MainThread] 3 threads are running: first, Thread-1 (greet) and me',
    '[first] hello Ada, 3 of 3!',
    '[Thread-1 (greet)] hello Grace, 3 of 3.',
    '[MainThread] both have ended: false, false',
  ],
  'clock.mjs': [
    /clock: tick 3, every 0.1 s/,
    /Process-1: tick 3, every 0.1 s/,
    /Process-1 has pid \d+, exitcode null while it runs/,
    'main: Process-1 has ended with exitcode 0',
  ],
  'daemon.mjs': [
    /heartbeat 1 .*/,
    /work: done\n(heartbeat .*\n)*main: exit, after the work and without waiting for the heartbeat\n/,
  ],
  'counter.mjs': [
    /withLock +400,000 of 400,000 \(/,
    /withoutLock +[\d,]+ of 400,000/,
    /atomically +400,000 of 400,000 \(/,
  ],
  'traffic-light.mjs': ['light: red', 'light: GREEN', /waits at the red light/, /20 cars have passed\n$/],
  'deadlock.mjs': [
    /DeadlockError: Lock.acquire: 2 threads would wait/,
    /^ {2}alice to bob of process \d+$/m,
    /which bob to alice of process \d+ acquired at/,
    /both have ended\n$/,
  ],
  'dining-philosophers.mjs': [/is told of a circle of 5/, /with detection: 5 of 5 have eaten\n$/],
  'producers-consumers.mjs': [
    'threads: 600 different plates of 600 arrived',
    'processes: 600 different plates of 600 arrived',
  ],
  'job-board.mjs': [
    '6 jobs are on the board; the workers come',
    /^TypeError: PriorityQueue: .*"call mother".* have no order$/m,
    /urgent +feed the dog\n|urgent +stop the leak\n/,
    '6 jobs were done, each by one of 3 workers',
  ],
  'shared-with-child.mjs': [
    'Value:  3.141592653589793',
    'Array:  0 -1 -2 -3 -4 -5 -6 -7 -8 -9',
    'An Array is a real typed array: true - its sum is -45',
    "Plain:  [ 'of the parent' ]",
  ],
  'shared-memory.mjs': [
    'Node wrote [ 1.5, 2.5, 3.5, 34.5 ]',
    /There is no python3 here|Node reads the sum: 42\n(.*\n)+Python sees \['Mercury', 'Wénus', 'Earth', 8, 0.5, True\]/,
  ],
  'word-count.mjs': ['The results are the same, file by file.', /Speed-up with \d+ threads: [\d.]+ times\./],
  'primes.mjs': [
    /this thread +[\d,]+ primes below 6,000,000 +[\d.]+ s\n\d+ threads +412,849 primes .*\n\d+ processes +412,849 primes/,
    'All three agree.',
  ],
  'pool-word-count.mjs': [
    /^█{40} (\d+)\/\1$/m,
    /^\d+ files, [\d,]+ words, [\d,]+ different$/m,
    'A single process counts the same.',
  ],
  'crawler.mjs': [
    'depth 3: 16 pages',
    '60 of 60 pages found; broken links: page-404.html (ENOENT)',
    'the executor has run 61 tasks, 1 of them failed',
  ],
  'greenlets.mjs': [
    /^\d+ of 60 pages; .*\/47 is too slow; .*\/broken: 404$/m,
    'the ticker was killed',
    /^at most [1-6] requests at a time: polite$/m,
  ],
  'mandelbrot.mjs': [/@{20}/, '76 × 28 pixels, each as one process would draw it.'],
  'many-machines.mjs': [
    /2 workers have found 41,538 primes below 500,000\none of them was killed: SIGKILL|^There is no redis-server here/,
  ],
  'closures.mjs': [
    /thread in process \d+: numbers.csv, 7 × 3 = 21/,
    /process in process \d+: numbers.csv, 7 × 3 = 21/,
    /main in process \d+: the sum is 42/,
    /PicklingError: .*assigns to the captured variable "hits"/,
  ],
  'manager.mjs': [
    /^3 processes have counted [\d,]+ words, \d+ different, in \d+ files$/m,
    /^"const" was seen \d+ times$/m,
    'One process counts the same.',
  ],
  'chat.mjs': [
    'a stranger is turned away: true',
    'Ada reads "Hello, Ada. Does it run?" from Grace',
    'Grace reads "Bye!" from Grace',
    /server: everybody has left\n$/,
  ],
  'python-peer.mjs': [
    /Python has squared 1000000 numbers in place; the last is 999998000001 now\n[\s\S]*Python received 1000000 bytes.*\nPython has ended with exit code 0\n$|^There is no python3 here/,
  ],
  'supervisor.mjs': [
    'supervisor: worker 1 was ended by signal 9',
    'supervisor: worker 3 has ended with exit code 7',
    'supervisor: the time is up',
    '  worker 1, again: finishes what it has begun, and ends',
    /supervisor: worker 2 has ended with exit code 0\n(.*\n)*supervisor: all have ended\n$/,
  ],
  'typescript.ts': ['order 1: 35.70', 'order 5: 178.50'],
  'commonjs.cjs': ["const { Thread } = require('threadwork/threading');"],
};

const OPTIONS: Record<string, string[]> = {
  'typescript.ts': ['--import', 'tsx'],
  'commonjs.cjs': ['--disable-warning=ExperimentalWarning'],
};

describe('each example runs by itself', () => {
  it.each(Object.keys(EXPECTED))('%s', async (name) => {
    const { code, signal, stdout, stderr } = await runFile(join(folder, name), { execArgv: OPTIONS[name] });
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    for (const expected of EXPECTED[name]) {
      if (typeof expected === 'string') expect(stdout.split('\n')).toContain(expected);
      else expect(stdout).toMatch(expected);
    }
  });
});

describe('the tour', () => {
  it('shows every example of this list', async () => {
    const { stdout } = await runFile(join(folder, 'tour.mjs'), { seconds: 100 });
    for (const name of Object.keys(EXPECTED)) expect(stdout).toContain(`examples/${name}`);
    expect(stdout).toMatch(/All \d+ examples ran, in [\d.]+ s\./);
  });

  it('leaves out no example', () => {
    const files = readdirSync(folder).filter((name) => /\.(mjs|cjs|ts)$/.test(name) && name !== 'tour.mjs');
    expect(files.filter((name) => !(name in EXPECTED))).toEqual([]);
  });
});
