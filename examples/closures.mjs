// An inline arrow function, started as a thread and as a process. It uses an imported function, a captured constant, a
// captured lock and a nested helper; all of them come along. (Python's `spawn` cannot pickle a lambda at all.)

import { basename } from 'node:path';
import { Lock, Process, Value } from 'threadwork/multiprocessing';
import { Thread } from 'threadwork/threading';

const lock = new Lock(); // of `multiprocessing`: it works between threads and between processes
const sum = Value('i', 0);
const factor = 3;

function start(Worker, label) {
  const times = (n) => n * factor; // a helper that captures a constant of the module

  const worker = new Worker({
    target: (path, n) => {
      lock.with(() => {
        sum.value += times(n);
      });
      console.log(`${label} in process ${process.pid}: ${basename(path)}, ${n} × ${factor} = ${times(n)}`);
    },
    args: ['/srv/data/numbers.csv', 7],
  });
  worker.start();
  return worker;
}

for (const worker of [start(Thread, 'thread'), start(Process, 'process')]) worker.join();
console.log(`main in process ${process.pid}: the sum is ${sum.value}`);
if (sum.value !== 42) throw new Error('something got lost on the way');

// What could only go wrong silently is refused, with the place and what to do instead.
let hits = 0;
try {
  new Thread({ target: () => void hits++ }).start();
} catch (error) {
  console.log(`\n${error.name}: ${error.message}`);
}
