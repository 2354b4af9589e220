/**
 * Pools and executors of two workers, against those of CPython and the pools of the npm registry. A rate counts tasks from
 * the first submission to the last result; all are submitted first, and then waited for.
 */

import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { FixedThreadPool } from 'poolifier';
import { ThreadPoolExecutor } from 'threadwork/futures';
import { PiscinaExecutor } from 'threadwork/futures/piscina';
import Tinypool from 'tinypool';
import workerpool from 'workerpool';
import { Python } from './harness/python.mjs';
import { interleave } from './harness/rounds.mjs';
import { runAlone } from './harness/table.mjs';
import { lengthOf, primes, same, spin } from './programs/pool-work.mjs';

export const title = 'Pools of two workers';

const ROUNDS = 9;
const TASKS = 20_000;
const program = (name) => fileURLToPath(new URL(`./programs/${name}`, import.meta.url));

/** Tasks a second when `count` are submitted by `submit` and then awaited together. */
const rateOf = (submit, count) => async () => {
  const start = performance.now();
  const all = [];
  for (let i = 0; i < count; i++) all.push(submit(i));
  await Promise.all(all);
  return count / ((performance.now() - start) / 1000);
};

/** The same with a blocking call for each result. */
const blockingRateOf = (submit, result, count) => () => {
  const start = performance.now();
  const all = [];
  for (let i = 0; i < count; i++) all.push(submit(i));
  for (const each of all) result(each);
  return count / ((performance.now() - start) / 1000);
};

/** Seconds of one task, each awaited before the next begins. */
const awaitedOf = (run, count) => async () => {
  const start = performance.now();
  for (let i = 0; i < count; i++) await run(i);
  return (performance.now() - start) / 1000 / count;
};

/** The same, blocking. */
const blockedOf = (run, count) => () => {
  const start = performance.now();
  for (let i = 0; i < count; i++) run(i);
  return (performance.now() - start) / 1000 / count;
};

/** Seconds until all of some tasks have ended. */
const secondsOf = (submit, items) => async () => {
  const start = performance.now();
  await Promise.all(items.map(submit));
  return (performance.now() - start) / 1000;
};

function piscinaOf(threads) {
  return new Piscina({ filename: program('pool-work.mjs'), minThreads: threads, maxThreads: threads });
}

export async function rows() {
  const rows = [];
  const executor = new ThreadPoolExecutor(2);
  const piscina = piscinaOf(2);
  rows.push(...(await manySmallTasks(executor, piscina)));
  rows.push(...(await argumentsOf(executor, piscina)));
  rows.push(...(await unevenTasks(executor, piscina)));
  rows.push(...(await scaling(executor)));
  executor.shutdown();
  if (process.platform === 'linux') rows.push(...(await processes(piscina)));
  await piscina.destroy();
  return rows;
}

async function manySmallTasks(executor, piscina) {
  const over = new PiscinaExecutor(piscina);
  const tiny = new Tinypool({
    filename: new URL('./programs/pool-work.mjs', import.meta.url).href,
    minThreads: 2,
    maxThreads: 2,
  });
  const worker = workerpool.pool(program('pool-workerpool.mjs'), {
    minWorkers: 2,
    maxWorkers: 2,
    workerType: 'thread',
  });
  const poolifier = new FixedThreadPool(2, program('pool-poolifier.mjs'));
  const python = new Python('pool.py', 'threads', '10000');
  const found = await interleave(ROUNDS, {
    async: rateOf((i) => executor.submit(same, i), TASKS),
    blocking: blockingRateOf(
      (i) => executor.submit(same, i),
      (future) => future.result(),
      TASKS,
    ),
    over: rateOf((i) => over.submit(same, i), 2_000),
    piscina: rateOf((i) => piscina.run(i, { name: 'same' }), 2_000),
    tinypool: rateOf((i) => tiny.run(i, { name: 'same' }), 2_000),
    workerpool: rateOf((i) => worker.exec('same', [i]), 2_000),
    poolifier: rateOf((i) => poolifier.execute(i), 2_000),
    python: python.round,
  });
  const alone = await interleave(ROUNDS, {
    ours: blockedOf((i) => executor.submit(same, i).result(), 1_000),
    awaited: awaitedOf((i) => executor.submit(same, i), 1_000),
    piscina: awaitedOf((i) => piscina.run(i, { name: 'same' }), 1_000),
  });
  python.close();
  await tiny.destroy();
  await worker.terminate();
  await poolifier.destroy();
  const submit = 'ThreadPoolExecutor, submitted and';
  const row = (ours, against, theirs, target) => ({ ...ours, against, theirs, target, rate: true });
  const awaited = { name: `${submit} awaited`, ours: found.async };
  const blocked = { name: `${submit} result()`, ours: found.blocking };
  const cpython = found.python === null ? null : 1 / found.python;
  return [
    row(awaited, 'Piscina', found.piscina, { atLeast: 8 }),
    row(awaited, 'tinypool', found.tinypool),
    row(awaited, 'workerpool', found.workerpool),
    row(awaited, 'poolifier', found.poolifier),
    row(awaited, 'CPython ThreadPoolExecutor', cpython, { atLeast: 3 }),
    row(blocked, 'CPython ThreadPoolExecutor', cpython, { atLeast: 3 }),
    row({ name: 'PiscinaExecutor, submitted and awaited', ours: found.over }, 'Piscina itself', found.piscina),
    { name: 'ThreadPoolExecutor, one at a time', ours: alone.ours, against: 'Piscina', theirs: alone.piscina },
    { name: '… awaited', ours: alone.awaited, against: 'Piscina', theirs: alone.piscina },
  ];
}

async function argumentsOf(executor, piscina) {
  const object = { id: 7, name: 'item', tags: ['a', 'b', 'c'], nested: { x: 1.5, y: [1, 2, 3] } };
  const megabyte = new Uint8Array(1 << 20).fill(7);
  const given = () => new ArrayBuffer(1 << 20);
  const found = await interleave(ROUNDS, {
    ours: rateOf(() => executor.submit(same, object), 2_000),
    piscina: rateOf(() => piscina.run(object, { name: 'same' }), 2_000),
    oursCopied: rateOf(() => executor.submit(lengthOf, megabyte), 60),
    piscinaCopied: rateOf(() => piscina.run(megabyte, { name: 'lengthOf' }), 60),
    oursMoved: rateOf(() => {
      const buffer = given();
      return executor.submitWith({ transferList: [buffer] }, lengthOf, buffer);
    }, 60),
    piscinaMoved: rateOf(() => {
      const buffer = given();
      return piscina.run(buffer, { name: 'lengthOf', transferList: [buffer] });
    }, 60),
  });
  const row = { against: 'Piscina', rate: true };
  return [
    { name: 'threads, a small object there and back', ours: found.ours, theirs: found.piscina, ...row },
    { name: 'threads, 1 MB copied', ours: found.oursCopied, theirs: found.piscinaCopied, ...row },
    { name: 'threads, 1 MB given away', ours: found.oursMoved, theirs: found.piscinaMoved, ...row },
  ];
}

async function unevenTasks(executor, piscina) {
  const tasks = Array.from({ length: 24 }, (_, i) => (i % 6 === 0 ? 50 : 1 + (i % 5)));
  const found = await interleave(3, {
    ours: secondsOf((milliseconds) => executor.submit(spin, milliseconds), tasks),
    piscina: secondsOf((milliseconds) => piscina.run(milliseconds, { name: 'spin' }), tasks),
  });
  const ideal = tasks.reduce((a, b) => a + b, 0) / 2 / 1000;
  const row = { name: 'threads, uneven tasks of 1 ms to 50 ms', ours: found.ours };
  return [
    { ...row, against: 'Piscina', theirs: found.piscina },
    { ...row, against: 'half of their sum', theirs: ideal },
  ];
}

async function scaling(two) {
  const one = new ThreadPoolExecutor(1);
  const tasks = new Array(16).fill(350_000);
  const found = await interleave(5, {
    one: secondsOf((below) => one.submit(primes, below), tasks),
    two: secondsOf((below) => two.submit(primes, below), tasks),
  });
  one.shutdown();
  const name = 'threads, computing, two workers';
  return [{ name, ours: found.two, against: 'one worker', theirs: found.one, target: { atLeast: 1.85 } }];
}

async function processes(piscina) {
  const { ProcessPoolExecutor } = await import('threadwork/futures');
  const { Pool } = await import('threadwork/multiprocessing/pool');
  const rows = [];
  const compare = async (name, ours, against, program, options = {}) => {
    const python = new Python('pool.py', ...program);
    const found = await interleave(options.rounds ?? ROUNDS, { ours, python: python.round, ...options.beside });
    python.close();
    const theirs = options.rate && found.python !== null ? 1 / found.python : found.python;
    rows.push({ name, ours: found.ours, against, theirs, rate: options.rate, target: options.target });
    return found;
  };

  const executor = new ProcessPoolExecutor(2);
  const submit = (i) => executor.submit(same, i);
  const result = (future) => future.result();
  const submitted = 'ProcessPoolExecutor, submitted and';
  const cpython = 'CPython ProcessPoolExecutor';
  const small = ['processes', '1000'];
  const fast = { rate: true, target: { atLeast: 15 } };
  await compare(`${submitted} result()`, blockingRateOf(submit, result, TASKS), cpython, small, fast);
  await compare(`${submitted} awaited`, rateOf(submit, TASKS), cpython, small, { rate: true });
  const megabyte = new Uint8Array(1 << 20).fill(7);
  const copied = rateOf(() => executor.submit(lengthOf, megabyte), 60);
  await compare('processes, 1 MB copied', copied, cpython, ['megabyte', '60'], { rate: true });
  executor.shutdown();

  const pool = new Pool(2);
  const applied = blockingRateOf(
    (i) => pool.applyAsync(same, [i]),
    (each) => each.get(),
    TASKS,
  );
  const sixfold = { rate: true, target: { atLeast: 6 } };
  await compare('Pool.applyAsync, then get()', applied, 'CPython Pool.apply_async', ['apply_async', '3000'], sixfold);

  const one = await compare(
    'Pool.apply, one at a time',
    blockedOf((i) => pool.apply(same, [i]), 1_000),
    'CPython Pool.apply',
    ['apply', '1000'],
    { target: { atMost: 0.167 }, beside: { piscina: awaitedOf((i) => piscina.run(i, { name: 'same' }), 1_000) } },
  );
  rows.push({ name: '…', ours: one.ours, against: 'Piscina', theirs: one.piscina, target: { atMost: 1 } });

  const items = Array.from({ length: 1_000_000 }, (_, i) => i);
  const mapped = () => {
    const start = performance.now();
    pool.map(same, items);
    return (performance.now() - start) / 1000 / items.length;
  };
  const half = { rounds: 5, target: { atLeast: 1.5 } };
  await compare('Pool.map over a million integers, an item', mapped, 'CPython Pool.map', ['map', '1'], half);
  pool.terminate();
  pool.join();
  return rows;
}

await runAlone(import.meta.url, title, rows);
