/**
 * Every `js` block of the README and of docs/ runs, as a program of its own. A comment `// → text` in it claims that a
 * line of its output is, or ends with, that text; the comments `// stderr → text` claim all that it prints there. A block
 * whose first line is `// name.mjs` is a file for the others; one that begins with `// needs Redis` finds one, and a
 * worker, if redis-server is installed, and is skipped otherwise.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTHKEY, hasRedis, startRedis, startWorker } from './harness/redis.mjs';
import { runFile } from './harness/run-file.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
const pages = [join(root, 'README.md'), ...docs.map((name) => join(root, 'docs', name))];
const NAMED = /^\/\/ ([\w-]+\.mjs)\n/;
const NEEDS_REDIS = /^\/\/ needs Redis/;
const CLAIM = /\/\/ → (.*)$/gm;
const ERROR_LINE = /\/\/ stderr → (.*)$/gm;

// Inside the package, so that `threadwork/…` is this package.
const folder = mkdtempSync(join(root, 'test', '.docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const env: Record<string, string> = { THREADWORK_AUTHKEY: AUTHKEY };
if (hasRedis()) {
  let stop: () => Promise<void>;
  beforeAll(async () => {
    const redis = await startRedis();
    const worker = await startWorker(redis, [], { cwd: root });
    env.REDIS_URL = redis.url;
    stop = async () => {
      worker.kill('SIGTERM');
      await worker.ended;
      await redis.stop();
    };
  });
  afterAll(() => stop());
}

for (const page of pages) {
  const text = readFileSync(page, 'utf8');
  const blocks = [...text.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map((match) => ({
    code: match[1],
    line: text.slice(0, match.index).split('\n').length + 1,
  }));
  if (blocks.length === 0) continue;
  const name = basename(page, '.md');
  const place = join(folder, name);
  mkdirSync(place);
  for (const { code } of blocks) {
    const file = NAMED.exec(code)?.[1];
    if (file !== undefined) writeFileSync(join(place, file), code);
  }

  describe(`the code of ${basename(page)}`, () => {
    const cannotRun = ({ code }: { code: string }) => NEEDS_REDIS.test(code) && !hasRedis();
    for (const { line } of blocks.filter(cannotRun)) it.skip(`line ${line}: redis-server is not installed`, () => {});
    const programs = blocks.filter((block) => !NAMED.test(block.code) && !cannotRun(block));
    it.each(programs)('line $line', async ({ code, line }) => {
      const file = join(place, `line-${line}.mjs`);
      writeFileSync(file, '\n'.repeat(line - 1) + code); // errors name the line of the page
      const { code: status, signal, stdout, stderr } = await runFile(file, { env });
      const errors = Array.from(code.matchAll(ERROR_LINE), ([, text]) => `${text}\n`).join('');
      expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: errors });
      const printed = stdout.split('\n');
      for (const [, claim] of code.matchAll(CLAIM)) {
        expect(printed.some((each) => each.endsWith(claim)) ? claim : stdout).toBe(claim);
      }
    });
  });
}
