// A real job on real files: count the words, take the SHA-256 and try the compression of every .js, .d.ts and .md
// file of the package `typescript`, with threads that pull file names from a Queue. JavaScript threads have no GIL:
// each runs on a processor of its own. (The largest file is nearly half of all the work; with many processors, all
// the others wait for that one.)

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Queue } from 'threadwork/queue';
import { Thread } from 'threadwork/threading';

const WORD = /[\p{L}\p{N}_]+/gu;

function examine(file) {
  const bytes = readFileSync(file);
  const text = bytes.toString();
  let words = 0;
  WORD.lastIndex = 0;
  while (WORD.test(text)) words++;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { file, words, sha256, gzipped: gzipSync(bytes).length };
}

const folder = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
const files = readdirSync(folder, { recursive: true })
  .map((name) => join(folder, name))
  .filter((name) => /\.(js|d\.ts|md)$/.test(name) && statSync(name).isFile())
  // The largest first, so that nobody is left alone with it at the end.
  .sort((a, b) => statSync(b).size - statSync(a).size);
const bytes = files.reduce((sum, file) => sum + readFileSync(file).length, 0);
console.log(`${files.length} files, ${(bytes / 1e6).toFixed(1)} MB`);

// One thread.
let start = performance.now();
const alone = files.map(examine);
const aloneSeconds = (performance.now() - start) / 1000;
console.log(`1 thread:  ${aloneSeconds.toFixed(2)} s, ${total(alone)} words`);

// As many as there are processors.
const count = Math.max(2, availableParallelism());
start = performance.now();
const names = new Queue();
const results = new Queue();
const threads = Array.from({ length: count }, () => {
  const work = () => {
    for (const file of names) results.put(examine(file));
  };
  return new Thread({ target: work });
});
for (const thread of threads) thread.start();
for (const file of files) names.put(file);
names.shutdown();
for (const thread of threads) thread.join();
results.shutdown();
const together = [...results];
const togetherSeconds = (performance.now() - start) / 1000;
console.log(`${count} threads: ${togetherSeconds.toFixed(2)} s, ${total(together)} words`);

const byName = (a, b) => (a.file < b.file ? -1 : 1);
if (!isDeepStrictEqual(alone.sort(byName), together.sort(byName))) throw new Error('the results are not the same');
console.log('The results are the same, file by file.');
console.log(`Speed-up with ${count} threads: ${(aloneSeconds / togetherSeconds).toFixed(2)} times.`);

function total(found) {
  return found.reduce((sum, { words }) => sum + words, 0).toLocaleString('en');
}
