/** There and back: an item to another thread (process), and its answer. Both sides block. */

import { Worker } from 'node:worker_threads';
import * as queue from 'threadwork/queue';
import * as threading from 'threadwork/threading';
import { Python } from './harness/python.mjs';
import { interleave } from './harness/rounds.mjs';
import { runAlone } from './harness/table.mjs';

export const title = 'Round trip: there and back';

const TRIPS = 2_000;
const ROUNDS = 7;

/** Sends every item back until it gets a null. */
export function echo(there, back) {
  for (let item = there.get(); item !== null; item = there.get()) back.put(item);
}

/** Answers one event with the other, for as long as the program runs. */
export function answer(ping, pong) {
  for (;;) {
    ping.wait();
    ping.clear();
    pong.set();
  }
}

function overQueues(Party, Queue) {
  const there = new Queue();
  const back = new Queue();
  const party = new Party({ target: echo, args: [there, back], daemon: true });
  party.start();
  return {
    round: () => {
      const start = performance.now();
      for (let i = 0; i < TRIPS; i++) {
        there.put(i);
        back.get();
      }
      return (performance.now() - start) / 1000 / TRIPS;
    },
    close() {
      there.put(null);
      party.join();
    },
  };
}

function overEvents(Party, Event) {
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

function overMessages() {
  const code = `const { parentPort } = require('node:worker_threads');
    parentPort.on('message', (item) => (item === null ? parentPort.close() : parentPort.postMessage(item)));`;
  const worker = new Worker(code, { eval: true });
  return {
    round: () =>
      new Promise((resolve) => {
        const start = performance.now();
        let left = TRIPS;
        worker.removeAllListeners('message').on('message', (i) => {
          if (--left === 0) resolve((performance.now() - start) / 1000 / TRIPS);
          else worker.postMessage(i);
        });
        worker.postMessage(0);
      }),
    close: () => worker.postMessage(null),
  };
}

export async function rows() {
  const rows = [];
  const threads = overQueues(threading.Thread, queue.Queue);
  const messages = overMessages();
  const pythonThreads = new Python('round_trip.py', 'threading');
  const first = await interleave(ROUNDS, {
    queues: threads.round,
    messages: messages.round,
    python: pythonThreads.round,
  });
  threads.close();
  const events = await interleave(ROUNDS, {
    events: overEvents(threading.Thread, threading.Event),
    messages: messages.round,
  });
  messages.close();
  pythonThreads.close();
  rows.push(
    { name: 'thread ↔ thread, two queues', ours: first.queues, against: 'postMessage', theirs: first.messages },
    { name: 'thread ↔ thread, two queues', ours: first.queues, against: 'CPython queue.Queue', theirs: first.python },
    { name: 'thread ↔ thread, two events', ours: events.events, against: 'postMessage', theirs: events.messages },
  );
  if (process.platform !== 'linux') return rows;

  const multiprocessing = await import('threadwork/multiprocessing');
  const processes = overQueues(multiprocessing.Process, multiprocessing.Queue);
  const pythonPipe = new Python('round_trip.py', 'pipe');
  const second = await interleave(ROUNDS, { queues: processes.round, python: pythonPipe.round });
  processes.close();
  const third = await interleave(ROUNDS, {
    events: overEvents(multiprocessing.Process, multiprocessing.Event),
    python: pythonPipe.round,
  });
  pythonPipe.close();
  const against = 'CPython Pipe';
  rows.push(
    { name: 'process ↔ process, two queues', ours: second.queues, against, theirs: second.python },
    { name: 'process ↔ process, two events', ours: third.events, against, theirs: third.python },
  );
  return rows;
}

await runAlone(import.meta.url, title, rows);
