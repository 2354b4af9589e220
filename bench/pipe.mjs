/** A Pipe between two processes: there and back, and one way. */

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Python } from './harness/python.mjs';
import { interleave } from './harness/rounds.mjs';
import { runAlone } from './harness/table.mjs';

export const title = 'Pipe: between two processes';

const ROUNDS = 7;
const TRIPS = 2_000;
const MESSAGES = { integers: 40_000, objects: 30_000, strings: 15_000, buffers: 100 };
const NAMES = { integers: 'integers', objects: 'objects', strings: '1 KB strings', buffers: '1 MB of bytes' };

/** Sends every message back until it gets a null. */
export function echo(connection) {
  for (let message = connection.recv(); message !== null; message = connection.recv()) connection.send(message);
}

/** Sends as many messages as it is told, until it is told 0. */
export function produce(connection, kind) {
  const text = 'x'.repeat(1000);
  const bytes = new Uint8Array(2 ** 20);
  for (let count = connection.recv(); count > 0; count = connection.recv()) {
    for (let i = 0; i < count; i++) {
      if (kind === 'integers') connection.send(i);
      else if (kind === 'objects') connection.send({ id: i, name: 'item', args: [1, 2, 3] });
      else if (kind === 'strings') connection.send(text);
      else connection.sendBytes(bytes);
    }
  }
}

function roundTrips({ Pipe, Process }) {
  const [ours, theirs] = Pipe();
  const child = new Process({ target: echo, args: [theirs], daemon: true });
  child.start();
  return {
    round: () => {
      const start = performance.now();
      for (let i = 0; i < TRIPS; i++) {
        ours.send(i);
        ours.recv();
      }
      return (performance.now() - start) / 1000 / TRIPS;
    },
    close() {
      ours.send(null);
      child.join();
    },
  };
}

function oneWay({ Pipe, Process }, kind) {
  const [ours, theirs] = Pipe();
  const child = new Process({ target: produce, args: [theirs, kind], daemon: true });
  child.start();
  const count = MESSAGES[kind];
  return {
    round: () => {
      const start = performance.now();
      ours.send(count);
      for (let i = 0; i < count; i++) kind === 'buffers' ? ours.recvBytes() : ours.recv();
      return count / ((performance.now() - start) / 1000);
    },
    close() {
      ours.send(0);
      child.join();
    },
  };
}

function overChannel() {
  const child = fork(fileURLToPath(new URL('./programs/echoes.mjs', import.meta.url)), { serialization: 'advanced' });
  return {
    round: () =>
      new Promise((resolve) => {
        const start = performance.now();
        let left = TRIPS;
        child.removeAllListeners('message').on('message', (i) => {
          if (--left === 0) resolve((performance.now() - start) / 1000 / TRIPS);
          else child.send(i);
        });
        child.send(0);
      }),
    close: () => child.disconnect(),
  };
}

export async function rows() {
  if (process.platform !== 'linux') return [];
  const rows = [];
  const mp = await import('threadwork/multiprocessing');
  const against = 'CPython Pipe';

  const trips = roundTrips(mp);
  const channel = overChannel();
  const pythonTrips = new Python('pipe.py', 'trip', `${TRIPS}`);
  const trip = await interleave(ROUNDS, { ours: trips.round, python: pythonTrips.round });
  const sent = await interleave(ROUNDS, { ours: trips.round, channel: channel.round });
  trips.close();
  channel.close();
  pythonTrips.close();
  const name = 'there and back';
  rows.push({ name, ours: trip.ours, against, theirs: trip.python, target: { atMost: 0.334 } });
  rows.push({ name, ours: sent.ours, against: 'process.send', theirs: sent.channel });

  const array = mp.RawArray('B', 2 ** 20);
  for (const kind of Object.keys(MESSAGES)) {
    const pipe = oneWay(mp, kind);
    const python = new Python('pipe.py', kind, `${kind === 'buffers' ? 60 : 10_000}`);
    const found = await interleave(ROUNDS, {
      ours: pipe.round,
      python: python.round,
      copies: kind === 'buffers' ? () => copies(array) : null,
    });
    pipe.close();
    python.close();
    const row = { name: `one way, ${NAMES[kind]}`, ours: found.ours, rate: true };
    rows.push({ ...row, against, theirs: found.python === null ? null : 1 / found.python });
    if (kind === 'buffers') {
      rows.push({ ...row, against: 'copies in and out', theirs: found.copies, target: { atLeast: 0.4 } });
    }
  }
  return rows;
}

/** How often a second a MB can be copied into shared memory and out again. */
function copies(array) {
  const bytes = new Uint8Array(2 ** 20).fill(1);
  const start = performance.now();
  for (let i = 0; i < 100; i++) {
    array.set(bytes);
    Buffer.allocUnsafeSlow(2 ** 20).set(array);
  }
  return 100 / ((performance.now() - start) / 1000);
}

await runAlone(import.meta.url, title, rows);
