// npm run bench: every topic of this folder, each in a process of its own. `npm run bench -- lock queue` runs these two;
// with --check the exit code is 1 if a target is missed.

import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { pythonVersion } from './harness/python.mjs';
import { judge } from './harness/table.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const topics = readdirSync(folder)
  .filter((name) => /\.(mjs|ts)$/.test(name) && name !== 'run.mjs')
  .filter((name) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)));

console.log(
  `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} processors`,
);
console.log(pythonVersion === null ? 'No python3 on PATH: its columns stay empty.' : `CPython ${pythonVersion}`);
console.log('Medians of rounds that take turns. The times are those of this machine at this hour; the ratios are what');
console.log('to keep.');

const began = performance.now();
const missed = [];
const failed = [];
for (const topic of topics) {
  const options = topic.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = fork(new URL('./harness/topic.mjs', import.meta.url), [topic], { execArgv: options });
  child.on('message', ({ title, rows }) => {
    for (const row of rows) {
      const { verdict, text, target } = judge(row);
      if (verdict === 'MISSED')
        missed.push(`${title}: ${row.name}: ${text === '-' ? '' : `${text}, `}target ${target}`);
    }
  });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  if (code !== 0) failed.push(topic);
}

console.log(`\n${((performance.now() - began) / 1000).toFixed(0)} seconds.`);
console.log(missed.length === 0 ? 'All targets are met.' : `Missed:\n  ${missed.join('\n  ')}`);
if (failed.length > 0) console.log(`Failed: ${failed.join(', ')}`);
if (failed.length > 0 || (missed.length > 0 && process.argv.includes('--check'))) process.exitCode = 1;
