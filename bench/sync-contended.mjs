/**
 * Locks that several threads or processes want at once: locked increments a second over all of them. And how fast one
 * wakes another: events, and a condition that hands a token back and forth.
 */

import * as threading from 'threadwork/threading';
import { Python } from './harness/python.mjs';
import { interleave } from './harness/rounds.mjs';
import { runAlone } from './harness/table.mjs';

export const title = 'Contended locks, and hand-over from one thread or process to another';

const TURNS = 40_000;
const TRIPS = 2_000;
const ROUNDS = 7;

/** Adds to a number `turns` times under the lock, each time the gate opens. */
export function increment(lock, counter, gate, turns) {
  try {
    for (;;) {
      gate.wait();
      for (let i = 0; i < turns; i++) {
        lock.acquire();
        counter[0]++;
        lock.release();
      }
      gate.wait();
    }
  } catch {
    // The gate breaks when the program ends.
  }
}

/** Gives the token back whenever it is here. */
export function volley(condition, token) {
  for (;;) {
    condition.acquire();
    while (token[0] !== 1) condition.wait();
    token[0] = 0;
    condition.notify();
    condition.release();
  }
}

/** Answers one event with the other. */
export function answer(ping, pong) {
  for (;;) {
    ping.wait();
    ping.clear();
    pong.set();
  }
}

/** Increments a second of `parties` contenders. */
function contended({ Lock, Barrier, RawArray }, Party, parties) {
  const lock = new Lock();
  const counter = RawArray('i', 1);
  const gate = new Barrier(parties + 1);
  const turns = TURNS / parties;
  for (let i = 0; i < parties; i++) {
    new Party({ target: increment, args: [lock, counter, gate, turns], daemon: true }).start();
  }
  return () => {
    counter[0] = 0;
    gate.wait();
    const start = performance.now();
    gate.wait();
    const seconds = (performance.now() - start) / 1000;
    if (counter[0] !== turns * parties) throw new Error(`${counter[0]} increments of ${turns * parties}`);
    return (turns * parties) / seconds;
  };
}

function tennis({ Condition, Lock, RawArray }, Party) {
  const condition = new Condition(new Lock());
  const token = RawArray('i', 1);
  new Party({ target: volley, args: [condition, token], daemon: true }).start();
  return () => {
    const start = performance.now();
    for (let i = 0; i < TRIPS; i++) {
      condition.acquire();
      token[0] = 1;
      condition.notify();
      while (token[0] !== 0) condition.wait();
      condition.release();
    }
    return (performance.now() - start) / 1000 / TRIPS;
  };
}

function events({ Event }, Party) {
  const ping = new Event();
  const pong = new Event();
  new Party({ target: answer, args: [ping, pong], daemon: true }).start();
  return () => {
    const start = performance.now();
    for (let i = 0; i < TRIPS; i++) {
      ping.set();
      pong.wait();
      pong.clear();
    }
    return (performance.now() - start) / 1000 / TRIPS;
  };
}

export async function rows() {
  const rows = [];
  const add = async (module, classes, Party, parties) => {
    for (const count of [2, 8]) {
      const python = new Python('sync.py', module, `contended${count}`);
      const found = await interleave(ROUNDS, { ours: contended(classes, Party, count), python: python.round });
      python.close();
      rows.push({
        name: `${module}.Lock, ${count} ${parties}`,
        ours: found.ours,
        rate: true,
        against: 'CPython',
        theirs: found.python === null ? null : 1 / found.python,
        target: module === 'multiprocessing' && count === 2 ? { atLeast: 3 } : undefined,
      });
    }
    for (const [name, kind, run] of [
      ['Event, there and back', 'event', events],
      ['Condition, there and back', 'condition', tennis],
    ]) {
      const python = new Python('sync.py', module, kind);
      const found = await interleave(ROUNDS, { ours: run(classes, Party), python: python.round });
      python.close();
      rows.push({ name: `${module}.${name}`, ours: found.ours, against: 'CPython', theirs: found.python });
    }
  };
  await add('threading', threading, threading.Thread, 'threads');
  if (process.platform === 'linux') {
    const multiprocessing = await import('threadwork/multiprocessing');
    await add('multiprocessing', multiprocessing, multiprocessing.Process, 'processes');
  }
  return rows;
}

await runAlone(import.meta.url, title, rows);
