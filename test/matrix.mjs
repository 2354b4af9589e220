/**
 * `npm run test:matrix [VERSION …]`: the test suite on each Node that is supported. The npm registry carries Node's
 * binaries; they are installed into a temporary folder, which is removed at the end.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { arch, env, platform } from 'node:process';

const versions = process.argv.length > 2 ? process.argv.slice(2) : ['20', '22', '24', '26'];
const folder = mkdtempSync(join(tmpdir(), 'threadwork-matrix-'));
const outcome = [];

try {
  execFileSync('npm', ['run', 'build:js', '--silent'], { stdio: 'inherit' });
  for (const version of versions) {
    const prefix = join(folder, version);
    execFileSync('npm', ['install', '--prefix', prefix, '--no-save', `node-${platform}-${arch}@${version}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const node = join(prefix, 'node_modules', `node-${platform}-${arch}`, 'bin', 'node');
    const exact = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
    console.log(`\n=== Node ${exact}`);
    const { status } = spawnSync(node, ['node_modules/vitest/vitest.mjs', 'run'], {
      stdio: 'inherit',
      env: { ...env, PATH: `${dirname(node)}${delimiter}${env.PATH}` },
    });
    outcome.push([exact, status]);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

for (const [version, status] of outcome) console.log(`${version}: ${status === 0 ? 'passed' : `failed (${status})`}`);
process.exitCode = outcome.every(([, status]) => status === 0) ? 0 : 1;
