// Four threads add 1 to the same number 100,000 times each: with its lock, without it, and with the atomic add().
//
//   with counter.get_lock():                         counter.with(() => {
//       counter.value += 1                             counter.value += 1;
//                                                    });

import { Event, Thread, Value } from 'threadwork/threading';

const THREADS = 4;
const TIMES = 100_000;

function withLock(counter) {
  for (let i = 0; i < TIMES; i++) {
    counter.with(() => {
      counter.value += 1;
    });
  }
}

function withoutLock(counter) {
  // Reads, adds, writes: whatever another thread wrote in between is lost.
  for (let i = 0; i < TIMES; i++) counter.value += 1;
}

function atomically(counter) {
  for (let i = 0; i < TIMES; i++) counter.add(1);
}

function count(increment) {
  const counter = Value('i', 0);
  const go = new Event();
  const threads = Array.from({ length: THREADS }, () => {
    const work = () => {
      go.wait(); // all start together
      increment(counter);
    };
    return new Thread({ target: work });
  });
  for (const thread of threads) thread.start();
  const start = performance.now();
  go.set();
  for (const thread of threads) thread.join();
  const milliseconds = performance.now() - start;
  const lost = THREADS * TIMES - counter.value;
  console.log(
    `${increment.name.padEnd(12)} ${counter.value.toLocaleString('en').padStart(8)} of 400,000` +
      `${lost === 0 ? '' : `, ${lost.toLocaleString('en')} lost`} (${milliseconds.toFixed(0)} ms)`,
  );
  return counter.value;
}

const exact = count(withLock);
count(withoutLock);
const atomic = count(atomically);
if (exact !== THREADS * TIMES || atomic !== THREADS * TIMES) throw new Error('an increment was lost under the lock');
