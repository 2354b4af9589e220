/**
 * Proves claims (test/fixtures/sync) in programs of their own, with a watchdog: what would hang for ever
 * is killed and reported as a failure.
 */

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { Variant } from '../fixtures/sync/world.ts';

/** Where the tests run: each suite is a function of one of these. */
export const VARIANTS: Variant[] = ['local/threads', 'system/threads', 'system/processes'];

const root = fileURLToPath(new URL('../../', import.meta.url));
let directory = '';
let program: string | undefined;

/** Removes what was built. */
export function removeBuilds(): void {
  if (directory !== '') rmSync(directory, { recursive: true, force: true });
  directory = '';
  program = undefined;
}

/** Bundles a program of test/fixtures/sync; returns its path. */
export function build(fixture = 'program'): string {
  if (directory === '') {
    mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
    // Inside the project, for the bundle to find koffi.
    directory = mkdtempSync(join(root, 'node_modules/.cache/sync-'));
  }
  const outfile = join(directory, `${fixture}.mjs`);
  buildSync({
    entryPoints: [join(root, `test/fixtures/sync/${fixture}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'error',
  });
  return outfile;
}

/**
 * Proves one claim (test/fixtures/sync/claims.ts) within `seconds`; resolves to what the proof returns. A storm lasts
 * `storm` seconds.
 */
export function runScenario<R = unknown>(
  variant: Variant,
  claim: string,
  { seconds = 40, storm = 5 } = {},
): Promise<R> {
  program ??= build();
  return runProgram<R>(program, [variant, claim, String(storm)], seconds);
}

/** Runs a program that prints JSON in its last line. */
export function runProgram<R>(path: string, args: string[], seconds: number): Promise<R> {
  return new Promise<R>((resolve, reject) => {
    const child = spawn(process.execPath, ['--enable-source-maps', path, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    const watchdog = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${args.join(' ')} hangs: killed after ${seconds} s\n${err}${out}`));
    }, seconds * 1000);
    child.on('close', (code, signal) => {
      clearTimeout(watchdog);
      if (code !== 0) reject(new Error(`${args.join(' ')} ended with ${signal ?? code}\n${err}${out}`));
      else resolve(JSON.parse(out.trimEnd().split('\n').at(-1) as string) as R);
    });
  });
}
