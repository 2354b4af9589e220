/**
 * Starting a thread and joining it. The first one of a program makes a worker, and brings up what reads functions; it
 * is measured in a fresh program each time. Later ones find that worker warm.
 */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Thread } from 'threadwork/threading';
import { Python } from './harness/python.mjs';
import { interleave, paired } from './harness/rounds.mjs';
import { runAlone } from './harness/table.mjs';

export const title = 'Thread: start() + join()';

const REPEATS = 50;
const ROUNDS = 7;
const FIRST_ROUNDS = 21;

/** One of the programs of bench/programs, in a process of its own: it prints the seconds that it measured. */
function fresh(program) {
  const path = fileURLToPath(new URL(`./programs/${program}`, import.meta.url));
  return async () => Number((await promisify(execFile)(process.execPath, [path])).stdout);
}

function startAndJoin() {
  const thread = new Thread({ target: () => {} });
  thread.start();
  thread.join();
}

async function workerToExit() {
  const start = performance.now();
  await new Promise((resolve) => new Worker('0', { eval: true }).on('exit', resolve));
  return (performance.now() - start) / 1000;
}

function repeated() {
  const start = performance.now();
  for (let i = 0; i < REPEATS; i++) startAndJoin();
  return (performance.now() - start) / 1000 / REPEATS;
}

export async function rows() {
  const first = await interleave(FIRST_ROUNDS, {
    inline: fresh('first-thread-inline.mjs'),
    worker: fresh('first-worker.mjs'),
    module: fresh('first-thread-module.mjs'),
  });
  startAndJoin();
  const python = new Python('start_join.py', 'threading');
  const again = await interleave(ROUNDS, { ours: repeated, worker: workerToExit, python: python.round });
  python.close();
  const against = 'new Worker to exit';
  const target = { atMost: 1.3 };
  return [
    { name: 'first, inline function', ...paired(first, 'inline', 'worker'), against, target },
    { name: 'first, exported function', ...paired(first, 'module', 'worker'), against, target },
    { name: 'repeated', ours: again.ours, against, theirs: again.worker, target: { atLeast: 20 } },
    { name: 'repeated', ours: again.ours, against: 'CPython threading.Thread', theirs: again.python },
  ];
}

await runAlone(import.meta.url, title, rows);
