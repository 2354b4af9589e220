/**
 * How many items a second go through a queue, from those that put to those that get: one of each, four to one, one to
 * four. They work at the same time; the clock runs from the start signal to the last item.
 */

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as queue from 'threadwork/queue';
import { Thread } from 'threadwork/threading';
import { Python } from './harness/python.mjs';
import { interleave } from './harness/rounds.mjs';
import { runAlone } from './harness/table.mjs';

export const title = 'Queue: items a second from one to another';

const ROUNDS = 5;
const ITEMS = { integers: 60_000, objects: 40_000, strings: 20_000, buffers: 100 };
/** CPython is slower, and need not be measured for as long. */
const PYTHON_ITEMS = { integers: 20_000, objects: 20_000, strings: 10_000, buffers: 60 };

const NAMES = { integers: 'integers', objects: 'objects', strings: '1 KB strings', buffers: '1 MB buffers' };

/** Makes the items of a kind. */
export function maker(kind) {
  const text = 'x'.repeat(1000);
  const bytes = new Uint8Array(2 ** 20);
  if (kind === 'integers') return (i) => i;
  if (kind === 'objects') return (i) => ({ id: i, name: 'item', args: [1, 2, 3] });
  return kind === 'strings' ? () => text : () => bytes;
}

/** Puts as many items as it is told, of the kind that it is told, until there are no more orders. */
export function produce(orders, items) {
  for (const { kind, count } of orders) {
    const make = maker(kind);
    for (let i = 0; i < count; i++) items.put(make(i));
  }
}

/** Gets as many items as it is told, and says so. */
export function consume(orders, items, done) {
  for (const { count } of orders) {
    for (let i = 0; i < count; i++) items.get();
    done.put(count);
  }
}

/** Starts producers, and consumers unless this thread is the only one; returns how to measure a round, and an end. */
function throughput(Party, Queue, { producers = 1, consumers = 1, maxsize = 0 } = {}) {
  const items = new Queue(maxsize);
  const done = new Queue();
  const start = (target, ...args) => {
    const orders = new Queue();
    const party = new Party({ target, args: [orders, ...args], daemon: true });
    party.start();
    return { orders, party };
  };
  const putting = Array.from({ length: producers }, () => start(produce, items));
  const getting = Array.from({ length: consumers > 1 ? consumers : 0 }, () => start(consume, items, done));
  return {
    measure: (kind) => () => {
      const total = ITEMS[kind];
      const start = performance.now();
      for (const { orders } of putting) orders.put({ kind, count: total / producers });
      for (const { orders } of getting) orders.put({ count: total / consumers });
      for (const _ of getting) done.get();
      if (getting.length === 0) for (let i = 0; i < total; i++) items.get();
      return total / ((performance.now() - start) / 1000);
    },
    close() {
      for (const { orders, party } of [...putting, ...getting]) {
        orders.shutdown();
        party.join();
      }
    },
  };
}

/** The same over `postMessage` of a worker, or over the channel of a forked process. */
function posting(send, receive, close) {
  return {
    measure: (kind) => () =>
      new Promise((resolve) => {
        const start = performance.now();
        let left = ITEMS[kind];
        receive(() => {
          if (--left === 0) resolve(ITEMS[kind] / ((performance.now() - start) / 1000));
        });
        send({ kind, count: ITEMS[kind] });
      }),
    close,
  };
}

const PROGRAM = fileURLToPath(new URL('./programs/posts-items.mjs', import.meta.url));

function overWorker() {
  const worker = new Worker(PROGRAM);
  const receive = (listener) => worker.removeAllListeners('message').on('message', listener);
  return posting(
    (order) => worker.postMessage(order),
    receive,
    () => worker.terminate(),
  );
}

function overChild() {
  const child = fork(PROGRAM, { serialization: 'advanced' });
  const receive = (listener) => child.removeAllListeners('message').on('message', listener);
  return posting(
    (order) => child.send(order),
    receive,
    () => child.disconnect(),
  );
}

/** How often a second a MB can be copied into shared memory and out again. */
function copying(array) {
  const bytes = new Uint8Array(2 ** 20).fill(1);
  return () => {
    const start = performance.now();
    for (let i = 0; i < 100; i++) {
      array.set(bytes);
      Buffer.allocUnsafeSlow(2 ** 20).set(array);
    }
    return 100 / ((performance.now() - start) / 1000);
  };
}

async function measure(rows, where, module, party, other, shared, targets) {
  const one = throughput(party.Party, party.Queue);
  for (const kind of Object.keys(ITEMS)) {
    const python = new Python('queue_throughput.py', module, kind, `${PYTHON_ITEMS[kind]}`);
    const found = await interleave(ROUNDS, {
      ours: one.measure(kind),
      other: other.measure(kind),
      python: python.round,
      copies: kind === 'buffers' ? copying(shared) : null,
    });
    python.close();
    const row = { name: `${where}, ${NAMES[kind]}`, ours: found.ours, rate: true };
    rows.push({ ...row, against: other.name, theirs: found.other });
    rows.push({ ...row, against: party.python, theirs: invert(found.python), target: targets[kind], note: party.note });
    if (kind === 'buffers') {
      rows.push({ ...row, against: 'copies in and out', theirs: found.copies, target: { atLeast: 0.4 } });
    }
  }
  one.close();
  for (const shape of [
    { name: 'at most 100 in it', maxsize: 100 },
    { name: '4 → 1', producers: 4 },
    { name: '1 → 4', consumers: 4 },
  ]) {
    const { producers = 1, consumers = 1, maxsize = 0 } = shape;
    const many = throughput(party.Party, party.Queue, shape);
    const python = new Python(
      'queue_throughput.py',
      module,
      'integers',
      '20000',
      `${producers}`,
      `${consumers}`,
      `${maxsize}`,
    );
    const found = await interleave(ROUNDS, { ours: many.measure('integers'), python: python.round });
    python.close();
    many.close();
    const name = `${where}, integers, ${shape.name}`;
    rows.push({ name, ours: found.ours, against: party.python, theirs: invert(found.python), rate: true });
  }
}

export async function rows() {
  const rows = [];
  const note = "CPython's threads pass references; everybody else copies the items.";
  const threads = { Party: Thread, Queue: queue.Queue, python: 'CPython queue.Queue', note };
  const worker = { ...overWorker(), name: 'postMessage' };
  const shared = new Uint8Array(new SharedArrayBuffer(2 ** 20));
  await measure(rows, 'threads', 'threading', threads, worker, shared, { integers: { atLeast: 4 } });
  worker.close();
  if (process.platform !== 'linux') return rows;

  const mp = await import('threadwork/multiprocessing');
  const processes = { Party: mp.Process, Queue: mp.JoinableQueue, python: 'CPython multiprocessing.Queue' };
  const child = { ...overChild(), name: 'process.send' };
  const targets = { integers: { atLeast: 8 }, objects: { atLeast: 3 } };
  await measure(rows, 'processes', 'multiprocessing', processes, child, mp.RawArray('B', 2 ** 20), targets);
  child.close();
  return rows;
}

function invert(seconds) {
  return seconds === null ? null : 1 / seconds;
}

await runAlone(import.meta.url, title, rows);
