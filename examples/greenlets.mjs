// A crawler of greenlets: no more than ten requests at a time, none for longer than two seconds. The web is a
// server in this program; some of its pages are slow, one never answers, one is broken.
//
//   pool = Pool(10)                                  const pool = new Pool(10);
//   with Timeout(2, False): fetch(url)               await withTimeout(2, fetchPage, url, { timeoutValue: null })
//   pool.join()                                      await pool.join();

import { once } from 'node:events';
import { createServer } from 'node:http';
import { getcurrent, Pool, sleep, spawn, withTimeout } from 'threadwork/coroutine';
import { Semaphore } from 'threadwork/threading';

const PAGES = 60;
let open = 0;
let most = 0;

const server = createServer(async (request, response) => {
  most = Math.max(most, ++open);
  response.on('close', () => open--);
  const n = Number(request.url.slice(1));
  if (n === 47) return; // never answers
  if (Number.isNaN(n)) {
    response.writeHead(404).end();
    return;
  }
  await sleep((n % 7) / 200);
  const links = [2 * n + 1, 2 * n + 2].filter((to) => to < PAGES);
  if (n === 50) links.push('broken');
  response.end(links.map((to) => `<a href="/${to}">`).join('\n'));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const site = `http://127.0.0.1:${server.address().port}`;

/** Kills and time-outs reach fetch through the greenlet's signal. */
async function fetchPage(path) {
  const response = await fetch(site + path, { signal: getcurrent().signal });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.text();
}

const pool = new Pool(10);
const polite = new Semaphore(6); // the library's locks work between greenlets
const seen = new Set(['/0']);
const problems = [];

async function visit(path) {
  try {
    const html = await polite.withAsync(() => withTimeout(2, fetchPage, path, { timeoutValue: null }));
    if (html === null) {
      problems.push(`${path} is too slow`);
      return;
    }
    for (const [, to] of html.matchAll(/href="([^"]+)"/g)) {
      if (seen.has(to)) continue;
      seen.add(to);
      pool.spawn(visit, to);
    }
  } catch (error) {
    problems.push(error.message);
  }
}

const ticker = spawn(async () => {
  try {
    for (;;) {
      await sleep(0.5);
      console.log(`… ${pool.length} greenlets in the pool`);
    }
  } finally {
    console.log('the ticker was killed');
  }
});

pool.spawn(visit, '/0');
await pool.join();
await ticker.kill();
console.log(`${seen.size - problems.length} of ${PAGES} pages; ${problems.sort().join('; ')}`);
console.log(`at most ${most} requests at a time: ${most <= 6 ? 'polite' : 'rude'}`);
server.closeAllConnections();
server.close();
