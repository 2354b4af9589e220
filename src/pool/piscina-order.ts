/**
 * What an executor over a Piscina pool posts to its workers: where the task is in the block that all threads of the
 * program share. Piscina carries the order, the block all the rest, in the form that our own workers know.
 *
 * ```
 * home  +0 TOKEN   a random number: who finds it there has the same block as the sender
 *       +1 MAIN    URL of the program's main module (a text), 0: it has none
 * ```
 */

import { localMemory } from '../memory/local-memory.ts';
import { loadText, storeText } from '../memory/text.ts';
import { mainModule, setMainModule } from '../pickle/index.ts';
import type { Mode } from './task-message.ts';

const TOKEN = 0;
const MAIN = 1;
const BYTES = 2 * 4;

/** One task. */
export interface PiscinaOrder {
  slot: number;
  mailbox: number;
  /** Which use of the slot it is. */
  use: number;
  /** Number of the function, and its parcel. */
  function: number;
  parcel: number;
  mode: Mode;
  /** Parcel of the arguments, 0: there are none. */
  args: number;
  home: Home;
  /** For workers that may have been started before there was a block. */
  block: SharedArrayBuffer | null;
  /** The arguments that were given away, with their positions; the others are in the parcel. */
  moved: MovedArgument[] | null;
}

/** Where the block tells a worker what it must know. */
export interface Home {
  payload: number;
  token: number;
}

/** An argument that is not copied. */
export interface MovedArgument {
  position: number;
  value: ArrayBuffer | ArrayBufferView;
  /** A `Buffer` arrives as a bare `Uint8Array`. */
  isBuffer: boolean;
}

let home: Home | null = null;

/** The home of this thread's orders; it stays for as long as the program runs. */
export function homeHere(): Home {
  if (home === null) {
    const memory = localMemory();
    const payload = memory.heap.allocate(BYTES);
    const token = process.getBuiltinModule('node:crypto').randomInt(1, 2 ** 31);
    const main = mainModule();
    memory.i32[payload + MAIN] = main === null ? 0 : storeText(memory, main);
    Atomics.store(memory.i32, payload + TOKEN, token);
    home = { payload, token };
  }
  return home;
}

let entered = false;

/** In a worker: whether it has the block of who sent the order. From then on it knows the program's main module. */
export function enterHome({ payload, token }: Home): boolean {
  const memory = localMemory();
  if (Atomics.load(memory.i32, payload + TOKEN) !== token) return false;
  if (!entered) setMainModule(loadText(memory, memory.i32[payload + MAIN]) || null);
  entered = true;
  return true;
}
