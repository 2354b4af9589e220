import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** Runs a program of its own, and gives what it prints, as JSON. */
function run(program: string): unknown {
  const args = ['--expose-gc', '--input-type=module', '--eval', program];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 }));
}

describe.runIf(process.platform === 'linux')('the block of processes', () => {
  it('is not counted as memory that the program has allocated', () => {
    const counted = run(`
      import { Array as SharedArray } from 'threadwork/multiprocessing';
      gc();
      const before = process.memoryUsage();
      const array = new SharedArray('d', 2 ** 24); // 128 MiB
      array[2 ** 24 - 1] = 1.5;
      gc();
      const after = process.memoryUsage();
      console.log(JSON.stringify([after.external - before.external, after.arrayBuffers - before.arrayBuffers]));
    `) as number[];
    expect(counted[0]).toBeLessThan(4 * 2 ** 20);
    expect(counted[1]).toBeLessThan(2 ** 20);
  });

  it('is one, wherever its threads and processes have mapped it', () => {
    const seen = run(`
      import { Array as SharedArray, Process } from 'threadwork/multiprocessing';
      import { Thread } from 'threadwork/threading';
      const far = new SharedArray('i', 2 ** 26); // the last word lies a quarter of a GiB into the block
      const last = far.length - 1;
      const add = (n) => { far[last] += n; };
      const child = (n) => {
        const thread = new Thread({ target: add, args: [n] });
        thread.start();
        thread.join();
        add(n * 10);
      };
      for (const [Kind, n] of [[Thread, 1], [Process, 100]]) {
        const party = new Kind({ target: child, args: [n] });
        party.start();
        party.join();
      }
      console.log(JSON.stringify([far[0], far[last]]));
    `);
    expect(seen).toEqual([0, 1111]);
  });

  it('is given back by threads that have ended', () => {
    const [during, after] = run(`
      import { readFileSync } from 'node:fs';
      import { Worker } from 'node:worker_threads';
      const program = \`
        const { Value } = require('threadwork/multiprocessing');
        const { parentPort } = require('node:worker_threads');
        const value = new Value('i', 0);
        parentPort.on('message', () => parentPort.close());
        parentPort.postMessage('ready');
      \`;
      const mappings = () => readFileSync('/proc/self/maps', 'utf8').split('memfd:threadwork').length - 1;
      const workers = [1, 2, 3].map(() => new Worker(program, { eval: true, execArgv: [] }));
      await Promise.all(workers.map((worker) => new Promise((ready) => worker.once('message', ready))));
      const during = mappings();
      await Promise.all(workers.map((worker, i) => new Promise((ended) => {
        worker.once('exit', ended);
        if (i === 0) worker.terminate();
        else worker.postMessage('end');
      })));
      gc();
      console.log(JSON.stringify([during, mappings()]));
    `) as number[];
    expect(during).toBe(3);
    expect(after).toBe(0);
  });
});
