// A crawler: it begins with one page, and each page that is done brings new ones. asCompleted gives the futures as they
// are done; here in rounds, one for all the links that the round before has found. The "web" is a folder of HTML files.
//
//   with ThreadPoolExecutor(4) as executor:          const executor = new ThreadPoolExecutor(4);
//       for future in as_completed(futures):         for await (const future of asCompleted(futures)) {

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asCompleted, ThreadPoolExecutor } from 'threadwork/futures';

const PAGES = 60;
const web = mkdtempSync(join(tmpdir(), 'threadwork-crawler-'));
const link = (n) => `<a href="page-${n}.html">page ${n}</a>`;
for (let n = 0; n < PAGES; n++) {
  // A tree with some links across, and one that leads nowhere.
  const links = [2 * n + 1, 2 * n + 2, (n * 7) % PAGES].filter((to) => to < PAGES).map(link);
  if (n === 10) links.push(link(404));
  writeFileSync(join(web, `page-${n}.html`), `<title>Page ${n}</title>\n${links.join('\n')}\n`);
}

/** Reads a page; runs in a thread. */
function visit(name) {
  const html = readFileSync(join(web, name), 'utf8');
  const title = /<title>(.*)<\/title>/.exec(html)?.[1];
  return { title, links: [...html.matchAll(/href="([^"]+)"/g)].map(([, href]) => href) };
}

const executor = new ThreadPoolExecutor(4);
try {
  const seen = new Set(['page-0.html']);
  const broken = [];
  let next = [...seen];
  for (let depth = 0; next.length > 0; depth++) {
    const visits = new Map(next.map((name) => [executor.submit(visit, name), name]));
    next = [];
    for await (const future of asCompleted(visits.keys())) {
      try {
        for (const href of (await future).links) {
          if (seen.has(href)) continue;
          seen.add(href);
          next.push(href);
        }
      } catch (error) {
        broken.push(`${visits.get(future)} (${error.code})`);
      }
    }
    console.log(`depth ${depth}: ${visits.size} pages`);
  }
  console.log(`${seen.size - broken.length} of ${PAGES} pages found; broken links: ${broken.join(', ')}`);
  const { done, failed } = executor.stats();
  console.log(`the executor has run ${done + failed} tasks, ${failed} of them failed`);
} finally {
  executor.shutdown();
  rmSync(web, { recursive: true });
}
