/** Calls to a dictionary of a manager, blocking and awaited; against CPython's manager and Comlink over a worker. */

import { Worker } from 'node:worker_threads';
import * as Comlink from 'comlink';
import nodeEndpoint from 'comlink/dist/umd/node-adapter.js';
import { Python } from './harness/python.mjs';
import { interleave, perTurn } from './harness/rounds.mjs';
import { runAlone } from './harness/table.mjs';

export const title = 'Manager: a dictionary in another process';

const ROUNDS = 7;
const CALLS = 5_000;
const TOGETHER = 5_000;

export async function rows() {
  if (process.platform !== 'linux') return [];
  const { Manager } = await import('threadwork/multiprocessing');
  const rows = [];
  const manager = Manager();
  const dict = manager.dict({ key: 1 });
  const python = new Python('manager.py', `${CALLS}`);
  const pythonSet = new Python('manager.py', `${CALLS}`, 'set');
  const worker = new Worker(new URL('./programs/comlink-map.mjs', import.meta.url));
  const remote = Comlink.wrap(nodeEndpoint(worker));

  const blocking = await interleave(ROUNDS, {
    get: () =>
      perTurn(CALLS, (n) => {
        for (let i = 0; i < n; i++) dict.get('key');
      }),
    set: () =>
      perTurn(CALLS, (n) => {
        for (let i = 0; i < n; i++) dict.set('key', i);
      }),
    python: python.round,
    pythonSet: pythonSet.round,
  });
  const against = 'CPython Manager';
  rows.push({
    name: 'dict.get, blocking',
    ours: blocking.get,
    against,
    theirs: blocking.python,
    target: { atMost: 0.5 },
  });
  rows.push({
    name: 'dict.set, blocking',
    ours: blocking.set,
    against,
    theirs: blocking.pythonSet,
    target: { atMost: 0.5 },
  });

  const one = (call) => async () => {
    const start = performance.now();
    for (let i = 0; i < CALLS; i++) await call(i);
    return (performance.now() - start) / 1000 / CALLS;
  };
  const all = (call) => async () => {
    const start = performance.now();
    await Promise.all(Array.from({ length: TOGETHER }, (_, i) => call(i)));
    return TOGETHER / ((performance.now() - start) / 1000);
  };
  const awaited = await interleave(ROUNDS, {
    ours: one(() => dict.getAsync('key')),
    comlink: one(() => remote.get('key')),
  });
  const together = await interleave(ROUNDS, {
    ours: all(() => dict.getAsync('key')),
    comlink: all(() => remote.get('key')),
  });
  const other = 'Comlink, worker';
  rows.push({ name: 'get, each awaited', ours: awaited.ours, against: other, theirs: awaited.comlink });
  rows.push({ name: 'get, many at once', ours: together.ours, rate: true, against: other, theirs: together.comlink });
  manager.shutdown();
  python.close();
  pythonSet.close();
  await worker.terminate();
  return rows;
}

await runAlone(import.meta.url, title, rows);
