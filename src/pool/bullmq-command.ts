/** The command `threadwork`: so far, `threadwork worker`. */

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ValueError } from '../errors.ts';
import { writeFully } from '../thread/output.ts';
import { BullMQWorker, type BullMQWorkerOptions } from './bullmq-worker.ts';

const HELP = `Usage: threadwork worker [options]

Runs tasks that programs submit with BullMQExecutor (threadwork/futures/bullmq), until SIGTERM or SIGINT: it then ends
the tasks that it has begun, and exits. At a second signal it exits at once.

  -q, --queue NAME        name of the queue (threadwork)
  -r, --redis URL         where Redis is, redis://user:password@host:port/db (redis://127.0.0.1:6379, or the
                          environment variable THREADWORK_REDIS, which does not show in lists of processes)
      --prefix TEXT       what all names in Redis begin with (bull)
  -t, --threads N         run tasks in N threads (as many as there are processors)
  -p, --processes N       run tasks in N processes, in place of threads
  -c, --concurrency N     take N tasks at a time (as many as there are threads or processes)
      --root FOLDER       the folder of the project (the nearest one with a package.json)
      --lease SECONDS     without a sign of life for so long the worker counts as dead (10)
      --reconnect-timeout SECONDS   give up when Redis is away for so long (never)
      --authkey-file FILE the secret that it shares with executors, in place of the environment variable
                          THREADWORK_AUTHKEY
  -h, --help              show this
      --version           show the version

Exit codes: 0 it was told to stop, 1 it could not go on, 2 the options are wrong; a second signal ends it as such.
`;

const OPTIONS = {
  queue: { type: 'string', short: 'q' },
  redis: { type: 'string', short: 'r' },
  prefix: { type: 'string' },
  threads: { type: 'string', short: 't' },
  processes: { type: 'string', short: 'p' },
  concurrency: { type: 'string', short: 'c' },
  root: { type: 'string' },
  lease: { type: 'string' },
  'reconnect-timeout': { type: 'string' },
  'authkey-file': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

const STOPPED = 0;
const FAILED = 1;
const MISUSED = 2;

/** Runs the command with these arguments, and ends the process. */
export async function runCommand(args: readonly string[]): Promise<void> {
  process.exitCode = await codeOf(args);
  // What tasks have left running ends with the worker.
  process.exit();
}

async function codeOf(args: readonly string[]): Promise<number> {
  let worker: BullMQWorker;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    if (values.help) return print(1, HELP, STOPPED);
    if (values.version) return print(1, `${version()}\n`, STOPPED);
    const [command, ...more] = positionals;
    if (command === undefined) throw new ValueError('what shall it do? There is one command: worker');
    if (command !== 'worker') throw new ValueError(`there is no command "${command}"; there is one: worker`);
    if (more.length > 0) throw new ValueError(`what is "${more[0]}"? The options begin with --`);
    worker = new BullMQWorker(optionsOf(values));
  } catch (error) {
    return print(2, `threadwork: ${(error as Error).message}\nTry: threadwork --help\n`, MISUSED);
  }
  return serve(worker);
}

async function serve(worker: BullMQWorker): Promise<number> {
  let told = false;
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      if (told) {
        process.removeAllListeners(signal);
        process.kill(process.pid, signal); // not process.exit(): it would wait for the tasks
      }
      told = true;
      worker.close();
    });
  }
  try {
    await worker.run();
    return STOPPED;
  } catch (error) {
    return print(2, `threadwork worker: ${(error as Error).message}\n`, FAILED);
  }
}

function optionsOf(given: { [K in keyof typeof OPTIONS]?: string | boolean }): BullMQWorkerOptions {
  const text = (name: keyof typeof OPTIONS): string | undefined => given[name] as string | undefined;
  const file = text('authkey-file');
  return {
    connection: text('redis') ?? process.env.THREADWORK_REDIS ?? null,
    queue: text('queue'),
    prefix: text('prefix'),
    threads: numberOf(text('threads'), '--threads'),
    processes: numberOf(text('processes'), '--processes'),
    concurrency: numberOf(text('concurrency'), '--concurrency'),
    root: text('root'),
    lease: numberOf(text('lease'), '--lease'),
    reconnectTimeout: numberOf(text('reconnect-timeout'), '--reconnect-timeout'),
    authkey: file === undefined ? undefined : readFileSync(file, 'utf8').trim(),
    log: (line) => print(1, `threadwork worker: ${line}\n`, STOPPED),
  };
}

function numberOf(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === '' || Number.isNaN(number)) {
    throw new ValueError(`${option} must be a number, not ${JSON.stringify(text)}`);
  }
  return number;
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function print(descriptor: 1 | 2, text: string, code: number): number {
  writeFully(descriptor, text);
  return code;
}
