// The same work three times: in this thread, in threads, in processes. Both executors have one interface.
//
//   with ProcessPoolExecutor() as executor:          const executor = new ProcessPoolExecutor();
//       print(sum(executor.map(count, *ranges)))     sum(executor.map(count, froms, tos))

import { availableParallelism } from 'node:os';
import { ProcessPoolExecutor, ThreadPoolExecutor } from 'threadwork/futures';

const BELOW = 6_000_000;
const PART = 250_000;

/** How many primes there are from one number up to another. */
function count(from, to) {
  let primes = 0;
  next: for (let n = Math.max(from, 2); n < to; n++) {
    for (let d = 2; d * d <= n; d++) if (n % d === 0) continue next;
    primes++;
  }
  return primes;
}

const froms = Array.from({ length: BELOW / PART }, (_, i) => i * PART);
const tos = froms.map((from) => from + PART);
const workers = availableParallelism();

function measure(name, run) {
  const start = performance.now();
  const primes = [...run()].reduce((a, b) => a + b, 0);
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${name.padEnd(14)} ${primes.toLocaleString('en')} primes below ${BELOW.toLocaleString('en')}  ${seconds.toFixed(2)} s`,
  );
  return primes;
}

const threads = new ThreadPoolExecutor(workers);
const processes = new ProcessPoolExecutor(workers);
const found = [
  measure('this thread', () => froms.map((from, i) => count(from, tos[i]))),
  measure(`${workers} threads`, () => threads.map(count, froms, tos)),
  measure(`${workers} processes`, () => processes.map(count, froms, tos)),
];
threads.shutdown();
processes.shutdown();
if (found.some((each) => each !== found[0])) throw new Error(`the counts are not the same: ${found}`);
console.log('All three agree.');
