import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { dumps, loads } from '../../src/pickle/index.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const fixtures = join(root, 'test/fixtures/pickle');

/** A folder of its own inside the project, so that what is written there finds the project's packages. */
export function temporaryFolder(): string {
  const parent = join(root, 'node_modules/.cache');
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, 'pickle-'));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Builds the pickler as one plain module, for threads and processes that run without vitest. */
export async function buildPickle(folder: string): Promise<string> {
  const outfile = join(folder, 'pickle.mjs');
  await build({
    entryPoints: [join(root, 'src/pickle/index.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile,
    logLevel: 'silent',
  });
  return outfile;
}

/** A worker thread that calls the functions that it is sent. */
export class OtherThread {
  readonly #worker: Worker;

  constructor(pickle: string) {
    this.#worker = new Worker(new URL('../fixtures/pickle/caller.mjs', import.meta.url), {
      env: { ...process.env, PICKLE: pickle },
      execArgv: [],
    });
  }

  /** Calls a function there and gives what it returned or throws what it threw. */
  async call(f: unknown, ...args: unknown[]): Promise<unknown> {
    const { bytes } = dumps([f, args], { scope: 'thread', root: 'call' });
    this.#worker.postMessage(bytes.slice());
    const [answer] = await once(this.#worker, 'message');
    const { thrown, value } = loads(answer) as { thrown?: unknown; value: unknown };
    if (thrown !== undefined) throw thrown;
    return value;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
