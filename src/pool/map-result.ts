import { attachCallerStack } from '../pickle/index.ts';
import { AsyncResult, type ResultCallbacks } from './async-result.ts';

/**
 * The result of a map whose items went to workers in chunks. It is there when all chunks have ended; an error ends its
 * chunk only, and the first that comes is what `get` throws.
 */
export class MapResult<T> extends AsyncResult<T[]> {
  readonly #results: T[][];
  #left: number;
  #failed = false;
  #error: unknown;
  readonly #site: { stack?: string };
  readonly #progress: ((items: number) => void) | null;

  constructor(
    chunks: number,
    callbacks: ResultCallbacks<T[]> | null,
    site: { stack?: string },
    progress: ((items: number) => void) | null,
  ) {
    super(chunks === 0 ? {} : callbacks);
    this.#results = new Array(chunks);
    this.#left = chunks;
    this.#site = site;
    this.#progress = progress;
    // Nothing to do is done at once, and CPython calls no callback then.
    if (chunks === 0) this.settle(false, []);
  }

  /** One chunk has ended: the results of its items, or what was thrown. */
  chunkEnded(index: number, items: number, failed: boolean, value: unknown): void {
    if (!failed) this.#results[index] = value as T[];
    else if (!this.#failed) {
      this.#failed = true;
      this.#error = value;
      attachCallerStack(value, this.#site.stack);
    }
    this.#left--;
    this.#progress?.(items);
    if (this.#left === 0) this.settle(this.#failed, this.#failed ? this.#error : joined(this.#results));
  }
}

function joined<T>(chunks: T[][]): T[] {
  return chunks.length === 1 ? chunks[0] : ([] as T[]).concat(...chunks);
}
