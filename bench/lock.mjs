/**
 * An uncontended acquire() + release(), against the two atomic operations that any lock needs, on the same memory.
 * First `threading`, before the memory of `multiprocessing` is there: a program that uses both pays for both shapes.
 */

import { Lock, RawArray, RLock } from 'threadwork/threading';
import { Python } from './harness/python.mjs';
import { interleave, perTurn } from './harness/rounds.mjs';
import { runAlone } from './harness/table.mjs';

export const title = 'Lock: acquire() + release(), nobody else wants it';

const TURNS = 300_000;
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

function pairs(lock) {
  return () =>
    perTurn(TURNS, (count) => {
      for (let i = 0; i < count; i++) {
        lock.acquire();
        lock.release();
      }
    });
}

function blocks(lock) {
  let n = 0;
  return () =>
    perTurn(TURNS, (count) => {
      for (let i = 0; i < count; i++) {
        lock.with(() => {
          n++;
        });
      }
      if (n < 0) throw new Error();
    });
}

export async function rows() {
  const rows = [];
  const add = async (module, locks, words, python) => {
    const program = new Python('lock_pair.py', module);
    const found = await interleave(ROUNDS, {
      lock: pairs(new locks.Lock()),
      atomics: atomics(words),
      block: blocks(new locks.Lock()),
      rlock: pairs(new locks.RLock()),
      python: program.round,
    });
    program.close();
    const name = `${module}.Lock`;
    rows.push(
      { name, ours: found.lock, against: 'CAS + store', theirs: found.atomics, target: { atMost: 2.5 } },
      { name, ours: found.lock, against: `CPython ${python}`, theirs: found.python },
      { name: `${name}, with(fn)`, ours: found.block, against: 'CAS + store', theirs: found.atomics },
      { name: `${module}.RLock`, ours: found.rlock, against: 'CAS + store', theirs: found.atomics },
    );
  };
  await add('threading', { Lock, RLock }, RawArray('i', 16), 'threading.Lock');
  if (process.platform === 'linux') {
    const multiprocessing = await import('threadwork/multiprocessing');
    await add('multiprocessing', multiprocessing, multiprocessing.RawArray('i', 16), 'multiprocessing.Lock');
  }
  return rows;
}

await runAlone(import.meta.url, title, rows);
