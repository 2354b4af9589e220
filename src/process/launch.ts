/**
 * Starting a child of this program: a Node process that maps the system block and waits at its desk for what to run.
 *
 * ```
 * desk  +0 RECORD of the process that it is to be; 0: none yet
 *
 * code  +0 AT      where in the block the compiled code of the library lies, in bytes
 *       +1 LENGTH  of it; 0: it is not there yet
 * ```
 *
 * So a child can come up while its parent still pickles what it is to do, and a spare one can stand ready before
 * anybody needs it (`forkserver`).
 */

import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { OSError } from '../errors.ts';
import { compiledCode } from '../memory/compiled-code.ts';
import { familyPipe } from '../memory/family-pipe.ts';
import { koffiBinary } from '../memory/libc.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { stayWhile } from '../thread/shutdown.ts';
import { childEnded, statusOf } from './children.ts';
import type { ProcessRecord } from './record.ts';

/**
 * Tells a child `desk:parent:code;koffi`: its desk, its parent's pid, where in the block it is told of compiled code (as
 * an offset in bytes), and where koffi's binary is.
 */
export const DESK_VARIABLE = 'THREADWORK_DESK';
/** The descriptor under which a child finds the block. */
export const BLOCK_DESCRIPTOR = 3;
/** The descriptor under which a child finds the family's pipe. */
export const PIPE_DESCRIPTOR = 4;

/** src/loader.ts */
const PROGRAM = fileURLToPath(new URL('./loader.cjs', import.meta.url));

/** Options of Node that are about the parent's own program, with how many words each takes. */
const OWN_OPTIONS = new Map([
  ['-e', 2],
  ['--eval', 2],
  ['-p', 2],
  ['--print', 2],
  ['-pe', 2],
  ['-i', 1],
  ['--interactive', 1],
  ['--test', 1],
  ['--watch', 1],
  ['-c', 1],
  ['--check', 1],
]);
const OWN_PREFIX = /^--(inspect|input-type|eval=|print=|watch-|test-|debug-port)/;

const children = new Set<NewChild>();
let staying = false;

/** A child that is coming up, or stands ready. */
export class NewChild {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #desk: number;
  #record: ProcessRecord | null = null;
  /** The process object: while this child may still report, its record must not be freed. */
  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: it is there to be held, not to be read
  #handle: object | null = null;
  #status: number | null = null;

  /** @throws OSError the system has no room for another process. */
  constructor() {
    const memory = systemMemory();
    this.#desk = memory.heap.allocate(4);
    const { spawn } = process.getBuiltinModule('node:child_process');
    this.#child = spawn(process.execPath, [...ownExecArgv(), PROGRAM, ...process.argv.slice(2)], {
      stdio: ['ignore', 'inherit', 'inherit', memory.descriptor, familyPipe()],
      env: { ...process.env, [DESK_VARIABLE]: `${this.#desk}:${process.pid}:${codeCell() * 4};${koffiBinary()}` },
    });
    layDownCode(); // it has time: the child takes longer to come to it
    if (this.#child.pid === undefined) {
      this.#child.on('error', () => {});
      memory.heap.free(this.#desk);
      throw new OSError(`a child process could not be started from ${process.execPath}`);
    }
    this.pid = this.#child.pid;
    children.add(this);
    if (!staying) {
      staying = true;
      stayWhile(() => children.size > 0);
    }
    this.#child.unref();
    this.#child.on('exit', (code, signal) => {
      children.delete(this);
      this.#status = statusOf(code, signal);
      if (this.#record !== null) this.#ended();
    });
  }

  /** Has it be a process of the program. */
  run(record: ProcessRecord, handle: object): void {
    const memory = systemMemory();
    this.#record = record;
    this.#handle = handle;
    if (!record.endsWithParent) this.#child.ref();
    Atomics.store(memory.i32, this.#desk, record.place.base);
    memory.wake(this.#desk, 1);
    if (this.#status !== null) this.#ended();
  }

  /** There is nothing for it to do. */
  dismiss(): void {
    this.#child.kill('SIGKILL');
  }

  /** Whether it has ended before it had anything to do. */
  get isLost(): boolean {
    return this.#status !== null;
  }

  #ended(): void {
    if (this.#record === null || this.#status === null) return;
    childEnded(this.#record, this.#status);
    this.#record = null;
    this.#handle = null;
    systemMemory().heap.free(this.#desk);
  }
}

const AT = 0;
const LENGTH = 1;

let cell = 0;

function codeCell(): number {
  if (cell === 0) cell = systemMemory().heap.allocate(2 * 4);
  return cell;
}

/** Lays the compiled code of the library down in the block, once for all children. */
function layDownCode(): void {
  const memory = systemMemory();
  const at = codeCell();
  if (memory.i32[at + LENGTH] !== 0) return;
  const code = compiledCode();
  if (code === undefined) return;
  const payload = memory.heap.allocate(code.length);
  memory.u8.set(code, payload * 4);
  memory.i32[at + AT] = payload * 4;
  Atomics.store(memory.i32, at + LENGTH, code.length);
}

let spare: NewChild | null = null;

/** Has a child stand ready for the next start. */
export function prepareSpare(): void {
  if (spare === null || spare.isLost) spare = new NewChild();
}

/** The child that stands ready, or a new one; another takes its place. */
export function takeSpare(): NewChild {
  const child = spare === null || spare.isLost ? new NewChild() : spare;
  spare = new NewChild();
  return child;
}

/** Ends the child that stands ready. */
export function dismissSpare(): void {
  spare?.dismiss();
  spare = null;
}

function ownExecArgv(): string[] {
  const kept: string[] = [];
  for (let i = 0; i < process.execArgv.length; i++) {
    const words = OWN_OPTIONS.get(process.execArgv[i]);
    if (words !== undefined) i += words - 1;
    else if (!OWN_PREFIX.test(process.execArgv[i])) kept.push(process.execArgv[i]);
  }
  return kept;
}
