// The words of many files, counted by a Pool of processes: map with chunks and a progress bar. On a terminal it is a
// bar, in a log it is lines; both go to stderr, as long as there is one. Here a function draws it.
//
//   with Pool() as pool:                             const pool = new Pool();
//       counts = pool.map(count, files, 10)          const counts = pool.map(count, files, { chunksize: 10, progress })

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Pool } from 'threadwork/multiprocessing';

const WORD = /\p{L}[\p{L}\p{N}_]*/gu;

/** How often each word of a file occurs. */
function count(file) {
  const counts = new Map();
  for (const [word] of readFileSync(file, 'utf8').matchAll(WORD)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function sumOf(all) {
  const sum = new Map();
  for (const counts of all) for (const [word, n] of counts) sum.set(word, (sum.get(word) ?? 0) + n);
  return sum;
}

const folder = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'lib');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.d.ts'))
  .map((name) => join(folder, name));

function progress(done, total) {
  const filled = Math.round((done / total) * 40);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(40 - filled)} ${done}/${total}`;
  if (process.stdout.isTTY) process.stdout.write(`\r${bar}${done === total ? '\n' : ''}`);
  else if (done === total) console.log(bar);
}

const pool = new Pool(); // as many processes as there are processors
const together = sumOf(pool.map(count, files, { chunksize: 10, progress }));
pool.close();
pool.join();

const alone = sumOf(files.map(count));
if (!isDeepStrictEqual(alone, together)) throw new Error('the counts are not the same');

const words = [...together.values()].reduce((a, b) => a + b, 0);
console.log(
  `${files.length} files, ${words.toLocaleString('en')} words, ${together.size.toLocaleString('en')} different`,
);
const most = [...together].sort(([, a], [, b]) => b - a).slice(0, 5);
console.log(`most often: ${most.map(([word, n]) => `${word} ${n.toLocaleString('en')}`).join(', ')}`);
console.log('A single process counts the same.');
