import { MultiprocessingTimeoutError } from '../errors.ts';
import { interruptible } from '../memory/flow.ts';
import { attachCallerStack } from '../pickle/index.ts';
import { toMilliseconds } from '../sync/timeout.ts';
import { collectNow, collectUntil } from './collect.ts';

interface Chunk {
  ended: boolean;
  failed: boolean;
  value: unknown;
}

/** What an iterator needs of its pool. */
export interface ImapSource {
  /** The chunks of the input. */
  chunks: Iterator<unknown[]>;
  /** Submits a chunk; `ended` is told how it ended. */
  submit(chunk: unknown[], ended: (failed: boolean, value: unknown) => void): void;
  /** How many chunks may be under way or waiting to be taken. */
  window: number;
  /** Whether the results come in the order of the input, or as they are there. */
  ordered: boolean;
  /** Nothing is left to be submitted. */
  exhausted(iterator: unknown): void;
  site: { stack?: string };
  progress: ((items: number) => void) | null;
}

/**
 * The results of `imap` and `imapUnordered`, as they come. It is iterable, which blocks until the next one is there,
 * and async-iterable, which does not. The input is consumed as results are taken, a bounded number of items ahead.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.Pool.imap
 */
export class IMapIterator<T> implements IterableIterator<T>, AsyncIterable<T> {
  readonly #source: ImapSource;
  /** In order: the chunks that were not taken yet. */
  readonly #queue: Chunk[] = [];
  /** Unordered: those that have ended. */
  readonly #arrived: Chunk[] = [];
  #underWay = 0;
  #exhausted = false;
  /** What the input itself has thrown: it comes at its place, and ends the iteration. */
  #inputError: { error: unknown } | null = null;
  #ready: T[] = [];
  #notify: (() => void) | null = null;

  /** @internal */
  constructor(source: ImapSource) {
    this.#source = source;
    this.#fill(source.window);
  }

  /**
   * The next result; blocks this thread until it is there.
   * @param timeout seconds to wait at most; absent or `null`: for ever. What did not come in time comes later.
   * @throws TimeoutError of `multiprocessing`. Else what the function has thrown for this item; the next call goes on.
   */
  next(timeout?: number | null): IteratorResult<T, undefined> {
    if (this.#isStarved()) {
      const milliseconds = toMilliseconds(timeout, 'IMapIterator.next');
      if (!collectUntil(() => !this.#isStarved(), milliseconds, 'IMapIterator.next')) {
        throw new MultiprocessingTimeoutError(
          `IMapIterator.next: no result within ${timeout} seconds; ask again later`,
        );
      }
    }
    return this.#take();
  }

  [Symbol.iterator](): this {
    return this;
  }

  /** Gives the results while the event loop goes on. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<T> {
    for (;;) {
      while (this.#isStarved()) {
        await interruptible(
          new Promise<void>((resolve) => {
            this.#notify = resolve;
          }),
        );
      }
      const { value, done } = this.#take();
      if (done) return;
      yield value;
    }
  }

  /** @internal Whether all of the input has been submitted. */
  get isExhausted(): boolean {
    return this.#exhausted;
  }

  /** @internal Submits all that is left: the pool is about to be joined. */
  submitAll(): void {
    this.#fill(Number.POSITIVE_INFINITY);
  }

  #isStarved(): boolean {
    if (this.#ready.length > 0) return false;
    collectNow();
    if (this.#source.ordered) return this.#queue.length > 0 && !this.#queue[0].ended;
    return this.#arrived.length === 0 && this.#underWay > 0;
  }

  #take(): IteratorResult<T, undefined> {
    if (this.#ready.length === 0) {
      const chunk = this.#source.ordered ? this.#queue.shift() : this.#arrived.shift();
      if (chunk === undefined) return this.#finish();
      this.#fill(this.#source.window);
      if (chunk.failed) throw chunk.value;
      this.#ready = (chunk.value as T[]).slice().reverse();
    }
    return { value: this.#ready.pop() as T, done: false };
  }

  #finish(): IteratorResult<T, undefined> {
    const failure = this.#inputError;
    this.#inputError = null;
    if (failure !== null) throw failure.error;
    return { value: undefined, done: true };
  }

  #fill(window: number): void {
    while (!this.#exhausted && this.#underWay + this.#waiting() < window) {
      let next: IteratorResult<unknown[], unknown>;
      try {
        next = this.#source.chunks.next();
      } catch (error) {
        this.#inputError = { error };
        next = { value: undefined, done: true };
      }
      if (next.done) {
        this.#exhausted = true;
        this.#source.exhausted(this);
        return;
      }
      const items = next.value;
      const chunk: Chunk = { ended: false, failed: false, value: undefined };
      this.#underWay++;
      if (this.#source.ordered) this.#queue.push(chunk);
      try {
        this.#source.submit(items, (failed, value) => this.#ended(chunk, items.length, failed, value));
      } catch (error) {
        this.#ended(chunk, items.length, true, error); // an item that cannot be sent fails at its place
      }
    }
  }

  /** How many chunks have ended and were not taken. */
  #waiting(): number {
    return this.#source.ordered ? this.#queue.length - this.#underWay : this.#arrived.length;
  }

  #ended(chunk: Chunk, items: number, failed: boolean, value: unknown): void {
    chunk.ended = true;
    chunk.failed = failed;
    chunk.value = value;
    if (failed) attachCallerStack(value, this.#source.site.stack);
    this.#underWay--;
    if (!this.#source.ordered) this.#arrived.push(chunk);
    this.#source.progress?.(items);
    const notify = this.#notify;
    this.#notify = null;
    notify?.();
  }
}
