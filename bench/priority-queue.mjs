/** One `put` and one `get` of a PriorityQueue that holds 10, 1,000 and 100,000 items. */

import { PriorityQueue } from 'threadwork/queue';
import { Python } from './harness/python.mjs';
import { interleave, perTurn } from './harness/rounds.mjs';
import { runAlone } from './harness/table.mjs';

export const title = 'PriorityQueue: put and get';

const TURNS = 5_000;
const ROUNDS = 7;

const makers = {
  numbers: (n) => n,
  jobs: (n) => [n, n, { name: 'job' }],
};

export async function rows() {
  const rows = [];
  for (const [kind, make] of Object.entries(makers)) {
    for (const size of [10, 1_000, 100_000]) {
      const queue = new PriorityQueue();
      for (let i = 0; i < size; i++) queue.put(make((i * 7919) % size));
      let step = 0;
      const python = new Python('priority_queue.py', kind, `${size}`);
      const found = await interleave(ROUNDS, {
        ours: () =>
          perTurn(TURNS, (count) => {
            for (let i = 0; i < count; i++) {
              step = (step + 7919) % size;
              queue.put(make(step));
              queue.get();
            }
          }),
        python: python.round,
      });
      python.close();
      const name = `${size.toLocaleString('en')} ${kind === 'numbers' ? 'numbers' : 'arrays [priority, number, job]'}`;
      rows.push({ name, ours: found.ours, against: 'CPython PriorityQueue', theirs: found.python });
    }
  }
  return rows;
}

await runAlone(import.meta.url, title, rows);
