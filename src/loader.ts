/**
 * Loads the library, which the build has laid down in parts (build/parts.ts): what belongs to processes or pools is
 * loaded when an entry point, or a message that names something of it, asks for it. Files are loaded as `require` would,
 * but with the engine's code cache where there is one: to compile them takes longer than anything else in the start of
 * a thread or a process. Whoever starts one hands over what its own engine has compiled:
 *
 * ```
 * code  +0 the lengths of the code of CACHED, in bytes, 0: not loaded (Uint32)   then, each at a multiple of 8, the code
 * ```
 *
 * A cache that does not fit is ignored by the engine.
 */

import { readFileSync, readSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';

interface Parts {
  base: typeof import('./parts/base.ts');
  threads: typeof import('./parts/threads.ts');
  functions: typeof import('./parts/functions.ts');
  parser: typeof import('./parts/parser.ts');
  children: typeof import('./parts/children.ts');
  processes: typeof import('./parts/processes.ts');
  pools: typeof import('./parts/pools.ts');
  managers: typeof import('./parts/managers.ts');
  signals: typeof import('./parts/signals.ts');
  coroutines: typeof import('./parts/coroutines.ts');
  bullmq: typeof import('./parts/bullmq.ts');
}

/** The files whose compiled code is handed over. */
const CACHED = ['base', 'threads', 'children', 'processes', 'pools', 'managers'];
/** The parts in which something unknown is looked for, in this order. */
const SEARCHED: (keyof Parts)[] = [
  'threads',
  'children',
  'processes',
  'pools',
  'managers',
  'signals',
  'coroutines',
  'bullmq',
];

/** What each file gives to the others, and as a part. */
const files = new Map<string, { $part: object }>();
const scripts = new Map<string, vm.Script>();
let caches: (Buffer | undefined)[] = [];

/** A part of the library, with those that it builds on. */
export function part<N extends keyof Parts>(name: N): Parts[N] {
  return load(name).$part as Parts[N];
}

/** The files that this thread has loaded. */
export function loaded(): string[] {
  return [...scripts.keys()];
}

/** Takes the compiled code of another thread or process; before anything is loaded. */
function takeCode(code: Uint8Array): void {
  const lengths = new Uint32Array(code.buffer, code.byteOffset, CACHED.length);
  let at = aligned(lengths.byteLength);
  caches = Array.from(lengths, (length) => {
    const cache = length === 0 ? undefined : Buffer.from(code.buffer, code.byteOffset + at, length);
    at += aligned(length);
    return cache;
  });
}

function load(file: string): { $part: object } {
  const known = files.get(file);
  if (known !== undefined) return known;
  const path = `${__dirname}/${file}.cjs`;
  const script = new vm.Script(readFileSync(path, 'latin1'), {
    filename: path,
    // Source maps know nothing of the line with the head.
    lineOffset: -1,
    cachedData: caches[CACHED.indexOf(file)],
  });
  const exports = { $part: {} };
  files.set(file, exports);
  scripts.set(file, script);
  script.runInThisContext()(exports, requireFrom, part, pathToFileURL(path).href);
  if (file === 'base') {
    const { setCompiledCode, setPartLoader } = exports.$part as Parts['base'];
    setPartLoader(loadNext);
    setCompiledCode({
      get files() {
        return CACHED.filter((name) => scripts.has(name)).length;
      },
      pack,
    });
  }
  return exports;
}

function requireFrom(name: string): unknown {
  return name.startsWith('./') ? load(name.slice(2, -'.cjs'.length)) : require(name);
}

/** Loads the first part that is not there yet; false: all are. */
function loadNext(): boolean {
  const next = SEARCHED.find((name) => !files.has(name));
  if (next !== undefined) load(next);
  return next !== undefined;
}

function pack(): Uint8Array {
  const codes = CACHED.map((file) => scripts.get(file)?.createCachedData());
  const head = aligned(CACHED.length * 4);
  const result = new Uint8Array(codes.reduce((sum, code) => sum + aligned(code?.length ?? 0), head));
  new Uint32Array(result.buffer, 0, CACHED.length).set(codes.map((code) => code?.length ?? 0));
  let at = head;
  for (const code of codes) {
    if (code === undefined) continue;
    result.set(code, at);
    at += aligned(code.length);
  }
  return result;
}

function aligned(bytes: number): number {
  return (bytes + 7) & ~7;
}

/** What a worker of ours was started for: the box with the compiled code may be filled by now (memory/compiled-code.ts). */
function runWorker(): void {
  const box: SharedArrayBuffer = process.getBuiltinModule('node:worker_threads').workerData['threadwork:start'].code;
  if (Atomics.load(new Int32Array(box, 0, 1), 0) === 1) takeCode(new Uint8Array(box, 8));
  part('base').runWorker();
}

/** What a child process was started for: it inherits the block as descriptor 3 (process/launch.ts). */
function runChild(desk: string): void {
  const read = (length: number, at: number): ArrayBuffer => {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) done += readSync(3, bytes, done, length - done, at + done);
    return bytes.buffer;
  };
  const [at, length] = new Uint32Array(read(8, Number(desk.split(/[:;]/)[2])));
  if (length > 0) takeCode(new Uint8Array(read(length, at)));
  part('children').runChild();
}

/** This file is the program of every worker and of every child process, too: to load another first takes a millisecond. */
if (require.main === module) {
  const desk = process.env.THREADWORK_DESK;
  if (desk === undefined) runWorker();
  else runChild(desk);
}
