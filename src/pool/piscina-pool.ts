/** A Piscina pool as we know it: our workers' program in it, and which of its workers are still there. */

import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { localMemory } from '../memory/local-memory.ts';
import { describe } from '../sync/timeout.ts';
import { homeHere, type PiscinaOrder } from './piscina-order.ts';

/** What is needed of a `Piscina` (version 5). */
export interface PiscinaLike {
  run(
    task: unknown,
    options: { filename: string; name: string; signal?: AbortSignal | null; transferList?: ArrayBuffer[] },
  ): Promise<unknown>;
  on(event: 'workerCreate', listener: () => void): unknown;
  readonly threads: readonly Worker[];
}

const PROGRAM = fileURLToPath(new URL('./piscina-worker.cjs', import.meta.url));

/** The pools of this thread that have an executor. */
const known = new WeakMap<object, PiscinaPool>();

export class PiscinaPool {
  readonly #piscina: PiscinaLike;
  /** All workers that were seen and may not have ended. */
  readonly #workers = new Set<Worker>();
  /** Those that may have been started before there was a block, and have not said that they have it. */
  readonly #strangers: Set<Worker>;

  private constructor(piscina: PiscinaLike) {
    this.#piscina = piscina;
    this.#strangers = new Set(piscina.threads);
    localMemory(); // workers that are started from now on have it from the start
    this.#note();
    piscina.on('workerCreate', () => this.#note());
  }

  /** @throws TypeError it is no Piscina. */
  static of(piscina: PiscinaLike): PiscinaPool {
    const { run, on, threads } = (piscina ?? {}) as Partial<PiscinaLike>;
    if (typeof run !== 'function' || typeof on !== 'function' || !Array.isArray(threads)) {
      throw new TypeError(
        'PiscinaExecutor: needs a pool that was made by new Piscina(…) of the package piscina, version 5 ' +
          `(npm install piscina), not ${describe(piscina)}`,
      );
    }
    let pool = known.get(piscina);
    if (pool === undefined) {
      pool = new PiscinaPool(piscina);
      known.set(piscina, pool);
    }
    return pool;
  }

  /** Has a worker run a task. Rejects if none can, or if its worker ends under it. */
  async run(
    order: Omit<PiscinaOrder, 'home' | 'block'>,
    signal: AbortSignal | null,
    transferList: ArrayBuffer[],
  ): Promise<void> {
    const block = this.#hasStrangers() ? (localMemory().i32.buffer as SharedArrayBuffer) : null;
    const task: PiscinaOrder = { ...order, home: homeHere(), block };
    // Piscina has a name of its own for the export, by default another one than the user's pool may have.
    const answer = await this.#piscina.run(task, { filename: PROGRAM, name: 'default', signal, transferList });
    if (typeof answer === 'string') throw new Error(answer);
    for (const worker of this.#strangers) if (worker.threadId === answer) this.#strangers.delete(worker);
  }

  /** Resolves when the workers that the pool has stopped have ended: until then they may write into the block. */
  async stoppedHaveEnded(): Promise<void> {
    const hired = new Set(this.#piscina.threads);
    for (const worker of this.#workers) {
      if (hired.has(worker)) continue;
      if (worker.threadId !== ENDED) await new Promise((resolve) => worker.once('exit', resolve));
      this.#workers.delete(worker);
    }
  }

  /** How many workers there are. */
  get size(): number {
    return this.#piscina.threads.length;
  }

  #note(): void {
    for (const worker of this.#workers) if (worker.threadId === ENDED) this.#workers.delete(worker);
    for (const worker of this.#piscina.threads) this.#workers.add(worker);
  }

  #hasStrangers(): boolean {
    for (const worker of this.#strangers) {
      if (worker.threadId !== ENDED) return true;
      this.#strangers.delete(worker);
    }
    return false;
  }
}

/** The number of a worker that has ended. */
const ENDED = -1;
