// Word counts of several processes in one dictionary, and a class of one's own in the server of a manager.

import { readdirSync, readFileSync } from 'node:fs';
import { Process } from 'threadwork/multiprocessing';
import { SyncManager } from 'threadwork/multiprocessing/managers';

/** Keeps the longest words that anybody has seen. It lives in the server; all that use it have proxies. */
class Longest {
  words = new Set();

  offer(words) {
    const longest = [...new Set([...this.words, ...words])].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
    this.words = new Set(longest.slice(0, 3));
  }

  get best() {
    return [...this.words];
  }
}

const Manager = SyncManager.register('Longest', Longest);
const manager = new Manager();
manager.start();

const counts = manager.dict(); // word → how often
const lock = manager.Lock();
const files = manager.Queue();
const longest = manager.Longest();

function count(files, counts, lock, longest) {
  for (const url of files) {
    const words =
      readFileSync(new URL(url), 'utf8')
        .toLowerCase()
        .match(/[a-z]+/g) ?? [];
    const mine = new Map();
    for (const word of words) mine.set(word, (mine.get(word) ?? 0) + 1);
    lock.with(() => {
      const all = counts.copy();
      for (const [word, n] of mine) all.set(word, (all.get(word) ?? 0) + n);
      counts.update(all);
    });
    longest.offer([...mine.keys()]);
  }
}

const workers = [1, 2, 3].map(() => new Process({ target: count, args: [files, counts, lock, longest] }));
for (const worker of workers) worker.start();
const folder = new URL('./', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
for (const name of names) files.put(new URL(name, folder).href);
files.shutdown(); // the workers end when the queue is empty
for (const worker of workers) worker.join();

const total = [...counts.values()].reduce((sum, n) => sum + n, 0);
console.log(
  `${workers.length} processes have counted ${total} words, ${counts.size} different, in ${names.length} files`,
);
console.log(`"const" was seen ${counts.get('const')} times`);
console.log(`the longest words: ${(await longest.async.best).join(', ')}`); // a property, as Comlink reads it

const same = names.flatMap(
  (name) =>
    readFileSync(new URL(name, folder), 'utf8')
      .toLowerCase()
      .match(/[a-z]+/g) ?? [],
);
console.log(same.length === total ? 'One process counts the same.' : `One process counts ${same.length}.`);
manager.shutdown();
