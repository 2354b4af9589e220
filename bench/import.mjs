/** Loading the package, in a fresh program each time, and what it must not load before that is needed. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { interleave } from './harness/rounds.mjs';
import { runAlone } from './harness/table.mjs';

export const title = 'Import';

const ROUNDS = 15;
/** Loaded only when a function is sent by value (acorn, the scope analyser, the inspector), or by multiprocessing. */
const LATER = ['koffi', 'inspector', 'acorn', 'eslint-scope'];

const program = fileURLToPath(new URL('./programs/import.mjs', import.meta.url));
const hooks = new URL('./programs/import-hooks.mjs', import.meta.url).href;

async function run(options, specifier) {
  return (await promisify(execFile)(process.execPath, [...options, program, specifier])).stdout;
}

/** Which of the modules that are meant to come later a package loads at once. */
async function loadedTooEarly(specifier) {
  const loaded = (await run(['--import', hooks], specifier)).split('\n');
  return LATER.filter((name) => loaded.some((url) => url.includes(`/node_modules/${name}/`) || url === `node:${name}`));
}

export async function rows() {
  const measure = (specifier) => async () => Number(await run([], specifier));
  const found = await interleave(ROUNDS, {
    threading: measure('threadwork/threading'),
    queue: measure('threadwork/queue'),
    multiprocessing: measure('threadwork/multiprocessing'),
    workers: measure('node:worker_threads'),
  });
  const tooEarly = await loadedTooEarly('threadwork/threading');
  const note =
    tooEarly.length === 0
      ? `threadwork/threading loads none of ${LATER.join(', ')}: as it must be.`
      : `MISSED: threadwork/threading loads ${tooEarly.join(', ')} at once.`;
  return [
    { name: 'threadwork/threading', ours: found.threading, target: { seconds: 0.025 }, note },
    { name: 'threadwork/queue', ours: found.queue },
    { name: 'threadwork/multiprocessing', ours: found.multiprocessing },
    { name: '(node:worker_threads alone)', ours: found.workers },
  ];
}

await runAlone(import.meta.url, title, rows);
