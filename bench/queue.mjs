/**
 * How many items a second go through a queue, from one thread (process) that puts to one that gets. The two work at
 * the same time; the clock runs from the start signal to the last item.
 */

import { Worker } from 'node:worker_threads';
import * as queue from 'threadwork/queue';
import { Thread } from 'threadwork/threading';
import { Python } from './harness/python.mjs';
import { interleave } from './harness/rounds.mjs';
import { runAlone } from './harness/table.mjs';

export const title = 'Queue: items a second from one to another';

const ITEMS = 60_000;
const ROUNDS = 7;

/** Puts as many items as it is told, of the kind that it is told, until it is told 0. */
export function produce(orders, items) {
  for (;;) {
    const { kind, count } = orders.get();
    if (count === 0) return;
    if (kind === 'integers') for (let i = 0; i < count; i++) items.put(i);
    else for (let i = 0; i < count; i++) items.put({ id: i, name: 'item', args: [1, 2, 3] });
  }
}

/** Starts a producer and returns how to measure a round with it, and how to end it. */
function throughput(Party, Queue) {
  const orders = new Queue();
  const items = new Queue();
  const producer = new Party({ target: produce, args: [orders, items], daemon: true });
  producer.start();
  return {
    measure: (kind) => () => {
      const start = performance.now();
      orders.put({ kind, count: ITEMS });
      for (let i = 0; i < ITEMS; i++) items.get();
      return ITEMS / ((performance.now() - start) / 1000);
    },
    close() {
      orders.put({ kind: '', count: 0 });
      producer.join();
    },
  };
}

const POSTING = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ kind, count }) => {
    if (count === 0) return parentPort.close();
    if (kind === 'integers') for (let i = 0; i < count; i++) parentPort.postMessage(i);
    else for (let i = 0; i < count; i++) parentPort.postMessage({ id: i, name: 'item', args: [1, 2, 3] });
  });`;

function posting() {
  const worker = new Worker(POSTING, { eval: true });
  return {
    measure: (kind) => () =>
      new Promise((resolve) => {
        const start = performance.now();
        let left = ITEMS;
        worker.removeAllListeners('message').on('message', () => {
          if (--left === 0) resolve(ITEMS / ((performance.now() - start) / 1000));
        });
        worker.postMessage({ kind, count: ITEMS });
      }),
    close: () => worker.postMessage({ kind: '', count: 0 }),
  };
}

export async function rows() {
  const rows = [];
  const posted = posting();
  const threads = throughput(Thread, queue.Queue);
  for (const kind of ['integers', 'objects']) {
    const python = new Python('queue_throughput.py', 'threading', kind);
    const found = await interleave(ROUNDS, {
      ours: threads.measure(kind),
      post: posted.measure(kind),
      python: python.round,
    });
    python.close();
    const name = `thread → thread, small ${kind}`;
    rows.push(
      { name, ours: found.ours, against: 'postMessage', theirs: found.post, rate: true },
      { name, ours: found.ours, against: 'CPython queue.Queue', theirs: invert(found.python), rate: true },
    );
  }
  threads.close();
  posted.close();
  if (process.platform !== 'linux') return rows;

  const multiprocessing = await import('threadwork/multiprocessing');
  const processes = throughput(multiprocessing.Process, multiprocessing.Queue);
  for (const kind of ['integers', 'objects']) {
    const python = new Python('queue_throughput.py', 'multiprocessing', kind);
    const found = await interleave(ROUNDS, { ours: processes.measure(kind), python: python.round });
    python.close();
    const against = 'CPython multiprocessing.Queue';
    const row = { name: `process → process, small ${kind}`, ours: found.ours, against, rate: true };
    rows.push({ ...row, theirs: invert(found.python), target: kind === 'integers' ? { atLeast: 5 } : undefined });
  }
  processes.close();
  return rows;
}

function invert(seconds) {
  return seconds === null ? null : 1 / seconds;
}

await runAlone(import.meta.url, title, rows);
