/**
 * One acquire() + release() that nobody else is in the way of, for every class; against the two atomic operations that
 * it needs at least, on the same memory, and the async forms against async-mutex. (Lock: see lock.mjs.)
 */

import { Mutex, Semaphore as PromiseSemaphore } from 'async-mutex';
import * as threading from 'threadwork/threading';
import { interleave, perTurn } from './harness/rounds.mjs';
import { runAlone } from './harness/table.mjs';

export const title = 'Uncontended pairs: acquire() + release(), blocking and async';

const TURNS = 200_000;
const ASYNC_TURNS = 50_000;
const ROUNDS = 9;

function atomics(words) {
  return () =>
    perTurn(TURNS, (count) => {
      for (let i = 0; i < count; i++) {
        if (Atomics.compareExchange(words, 0, 0, 1) !== 0) throw new Error('taken');
        Atomics.store(words, 0, 0);
      }
    });
}

// Each contestant has code of its own, as a program that uses one class does: what the engine learns of the one shall
// not spoil the other.
function pairs(lock) {
  const run = new Function('lock', 'count', 'for (let i = 0; i < count; i++) { lock.acquire(); lock.release(); }');
  return () => perTurn(TURNS, (count) => run(lock, count));
}

async function asyncPairs(take) {
  const start = performance.now();
  for (let i = 0; i < ASYNC_TURNS; i++) await take();
  return (performance.now() - start) / 1000 / ASYNC_TURNS;
}

function asyncOf(lock) {
  return () =>
    asyncPairs(async () => {
      await lock.acquireAsync();
      lock.release();
    });
}

function promised(lock) {
  return () =>
    asyncPairs(async () => {
      const release = await lock.acquire();
      (Array.isArray(release) ? release[1] : release)();
    });
}

export async function rows() {
  const rows = [];
  const add = async (module, { RLock, Semaphore, BoundedSemaphore, Condition, RawArray }) => {
    const found = await interleave(ROUNDS, {
      atomics: atomics(RawArray('i', 16)),
      RLock: pairs(new RLock()),
      Semaphore: pairs(new Semaphore(1)),
      BoundedSemaphore: pairs(new BoundedSemaphore(1)),
      Condition: pairs(new Condition()),
    });
    const against = { against: 'CAS + store', theirs: found.atomics };
    for (const [name, atMost] of [
      ['RLock', 3.5],
      ['Semaphore', 3],
      ['BoundedSemaphore', 3],
      ['Condition', undefined],
    ]) {
      const target = atMost === undefined ? undefined : { atMost };
      rows.push({ name: `${module}.${name}`, ours: found[name], ...against, target });
    }
  };
  const addAsync = async (module, { Lock, RLock, Semaphore }) => {
    const found = await interleave(ROUNDS, {
      Lock: asyncOf(new Lock()),
      mutex: promised(new Mutex()),
      RLock: asyncOf(new RLock()),
      Semaphore: asyncOf(new Semaphore(1)),
      semaphore: promised(new PromiseSemaphore(1)),
    });
    const name = (name) => `${module}.${name}, acquireAsync()`;
    rows.push(
      {
        name: name('Lock'),
        ours: found.Lock,
        against: 'async-mutex',
        theirs: found.mutex,
        target: { seconds: 0.6e-6 },
      },
      { name: name('RLock'), ours: found.RLock, against: 'async-mutex', theirs: found.mutex },
      { name: name('Semaphore'), ours: found.Semaphore, against: 'async-mutex', theirs: found.semaphore },
    );
  };
  await add('threading', threading);
  await addAsync('threading', threading);
  if (process.platform === 'linux') {
    const multiprocessing = await import('threadwork/multiprocessing');
    await add('multiprocessing', multiprocessing);
    await addAsync('multiprocessing', multiprocessing);
  }
  return rows;
}

await runAlone(import.meta.url, title, rows);
