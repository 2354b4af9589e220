/** Starting a process and joining it, against a Node child that does nothing. */

import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Python } from './harness/python.mjs';
import { interleave, paired } from './harness/rounds.mjs';
import { runAlone } from './harness/table.mjs';
import { nothing } from './programs/nothing.mjs';

export const title = 'Process: start() + join()';

const ROUNDS = 21;

function timed(run) {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
}

export async function rows() {
  if (process.platform !== 'linux') return [];
  const { getContext } = await import('threadwork/multiprocessing');
  const start = (method, target) => () =>
    timed(() => {
      const child = new (getContext(method).Process)({ target });
      child.start();
      child.join();
    });
  const bare = () => timed(() => spawnSync(process.execPath, ['-e', '0']));
  const python = new Python('start_join.py', 'spawn');
  const spawned = await interleave(ROUNDS, {
    inline: start('spawn', () => {}),
    bare,
    module: start('spawn', nothing),
    python: python.round,
  });
  python.close();
  const served = new Python('start_join.py', 'forkserver');
  const warm = start('forkserver', () => {});
  const ready = await interleave(ROUNDS, {
    // The spare child comes up while nothing is measured: that is what it is for.
    ours: () => sleep(150).then(warm),
    python: served.round,
  });
  served.close();
  const node = { against: 'node -e 0', target: { atMost: 1.4 } };
  return [
    { name: 'spawn, inline function', ...paired(spawned, 'inline', 'bare'), ...node },
    { name: 'spawn, exported function', ...paired(spawned, 'module', 'bare'), ...node },
    { name: 'spawn, inline function', ours: spawned.inline, against: 'CPython spawn', theirs: spawned.python },
    { name: 'forkserver', ours: ready.ours, against: 'CPython forkserver', theirs: ready.python },
  ];
}

await runAlone(import.meta.url, title, rows);
