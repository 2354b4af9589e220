/**
 * Greenlets against bare async functions, with and without a limit written by hand, and against gevent where Python has it.
 * The bare ones run in a process of their own too: before Node 24, greenlets make all promises of their process slower.
 */

import { fork, spawnSync } from 'node:child_process';
import { argv } from 'node:process';
import { joinall, Pool, spawn } from 'threadwork/coroutine';
import { Python } from './harness/python.mjs';
import { interleave } from './harness/rounds.mjs';
import { runAlone } from './harness/table.mjs';

export const title = 'Greenlets';

const TOGETHER = 1_000;
const TIMES = 20;
const ROUNDS = 7;
const numbers = Array.from({ length: TOGETHER }, (_, i) => i);

async function work(n) {
  return n;
}

/** No more than `size` calls at the same time, as a program would write it that has no library for it. */
async function limited(size, fn, items) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const i = next++;
      results[i] = await fn(items[i]);
    }
  };
  await Promise.all(Array.from({ length: size }, worker));
  return results;
}

const bare = {
  await: async () => {
    for (const n of numbers) await work(n);
  },
  joinall: () => Promise.all(numbers.map(work)),
  map: () => limited(10, work, numbers),
};

const pool = new Pool(10);
const greenlets = {
  await: async () => {
    for (const n of numbers) await spawn(work, n);
  },
  joinall: () => joinall(numbers.map((n) => spawn(work, n))),
  map: () => pool.map(work, numbers),
};

async function seconds(fn) {
  const start = performance.now();
  for (let i = 0; i < TIMES; i++) await fn();
  return (performance.now() - start) / 1000 / (TIMES * TOGETHER);
}

const names = {
  await: 'one function after the other, awaited',
  joinall: '1,000 functions side by side',
  map: '1,000 functions, 10 at a time',
};

export async function rows() {
  const hasGevent = spawnSync('python3', ['-c', 'import gevent']).status === 0;
  const child = fork(new URL(import.meta.url), ['--bare']);
  const measureApart = (kind) =>
    new Promise((resolve) => {
      child.once('message', resolve);
      child.send(kind);
    });
  const rows = [];
  for (const [kind, name] of Object.entries(names)) {
    const python = hasGevent ? new Python('greenlets.py', kind) : null;
    const found = await interleave(ROUNDS, {
      ours: () => seconds(greenlets[kind]),
      beside: () => seconds(bare[kind]),
      apart: () => measureApart(kind),
      python: python?.round ?? null,
    });
    python?.close();
    rows.push({ name, ours: found.ours, against: 'bare, in the same process', theirs: found.beside });
    rows.push({ name, ours: found.ours, against: 'bare, in another process', theirs: found.apart });
    rows.push({ name, ours: found.ours, against: 'gevent', theirs: found.python });
  }
  child.kill();
  return rows;
}

if (argv[2] === '--bare') {
  process.on('message', async (kind) => process.send(await seconds(bare[kind])));
} else await runAlone(import.meta.url, title, rows);
