import { TimeoutError } from '../errors.ts';
import { interruptible } from '../memory/flow.ts';
import type { ModuleTarget } from '../pickle/module-target.ts';
import { toMilliseconds } from '../sync/timeout.ts';
import type { Target } from '../thread/target.ts';
import { ended } from './ended.ts';
import type { Executor, MapOptions } from './executor.ts';
import type { Future } from './future.ts';
import { EACH_SPREAD } from './task-message.ts';

/**
 * What `Executor.map` gives: the results in the order of the items. It is iterable, which blocks until the next one is
 * there, and async-iterable, which does not. It can be gone through once.
 */
export class MappedResults<T> implements IterableIterator<T>, AsyncIterable<T> {
  readonly #executor: Executor;
  readonly #fn: Target | ModuleTarget;
  readonly #items: Iterator<unknown[]>;
  readonly #options: Required<MapOptions>;
  readonly #deadline: number;
  /** Submitted chunks, the next one first. */
  readonly #futures: Future<unknown[]>[] = [];
  /** Results of the last chunk that were not taken yet, the next one last. */
  #ready: unknown[] = [];
  #ended = false;

  /** @internal */
  constructor(
    executor: Executor,
    fn: Target | ModuleTarget,
    iterables: Iterable<unknown>[],
    options: Required<MapOptions>,
  ) {
    this.#executor = executor;
    this.#fn = fn;
    this.#items = together(iterables);
    this.#options = options;
    this.#deadline = performance.now() + toMilliseconds(options.timeout, 'Executor.map');
    try {
      this.#fill();
    } catch (error) {
      this.#cancelAll();
      throw error;
    }
  }

  /** The next result; blocks this thread until it is there. */
  next(): IteratorResult<T, undefined> {
    return this.#step(() => {
      const future = this.#futures[0];
      return future.result(this.#secondsLeft());
    });
  }

  /** Ends it: the tasks that have not begun are cancelled. */
  return(): IteratorResult<T, undefined> {
    this.#cancelAll();
    return { value: undefined, done: true };
  }

  [Symbol.iterator](): this {
    return this;
  }

  /** Gives the results while the event loop goes on. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<T> {
    try {
      for (;;) {
        const future = this.#ready.length === 0 ? this.#futures[0] : undefined;
        if (future !== undefined) await this.#settled(future);
        const { value, done } = this.next();
        if (done) return;
        yield value;
      }
    } finally {
      this.#cancelAll();
    }
  }

  #step(take: () => unknown[]): IteratorResult<T, undefined> {
    if (this.#ready.length === 0) {
      if (this.#ended || this.#futures.length === 0) {
        this.#ended = true;
        return { value: undefined, done: true };
      }
      try {
        this.#ready = take().slice().reverse();
        this.#futures.shift();
        this.#fill();
      } catch (error) {
        this.#cancelAll();
        throw error instanceof TimeoutError && performance.now() >= this.#deadline
          ? new TimeoutError(`Executor.map: the results were not all there within ${this.#options.timeout} seconds`)
          : error;
      }
    }
    return { value: this.#ready.pop() as T, done: false };
  }

  /** Submits what may be under way. */
  #fill(): void {
    const { chunksize, buffersize } = this.#options;
    while (!this.#ended && (buffersize === null || this.#futures.length * chunksize < buffersize)) {
      const chunk: unknown[][] = [];
      while (chunk.length < chunksize) {
        const { value, done } = this.#items.next();
        if (done) break;
        chunk.push(value);
      }
      if (chunk.length === 0) return;
      const { map } = this.#executor;
      this.#futures.push(this.#executor.dispatch(this.#fn, chunk, EACH_SPREAD, {}, map as never) as Future<unknown[]>);
    }
  }

  async #settled(future: Future<unknown[]>): Promise<void> {
    const milliseconds = this.#deadline - performance.now();
    const settled = ended([future]);
    if (milliseconds === Number.POSITIVE_INFINITY) {
      await interruptible(settled);
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(Math.max(milliseconds, 0), 0x7fff_ffff));
    });
    try {
      await interruptible(Promise.race([settled, late]));
    } finally {
      clearTimeout(timer);
    }
  }

  #secondsLeft(): number | null {
    const left = this.#deadline - performance.now();
    return left === Number.POSITIVE_INFINITY ? null : Math.max(left / 1000, 0);
  }

  #cancelAll(): void {
    this.#ended = true;
    this.#ready = [];
    for (const future of this.#futures.splice(0)) future.cancel();
  }
}

/** An item of each at a time, up to the end of the shortest. */
function* together(iterables: Iterable<unknown>[]): Generator<unknown[], undefined> {
  const iterators = iterables.map((iterable) => iterable[Symbol.iterator]());
  let open = true;
  try {
    for (;;) {
      const items: unknown[] = [];
      for (const iterator of iterators) {
        const { value, done } = iterator.next();
        if (done) {
          open = false;
          return undefined;
        }
        items.push(value);
      }
      yield items;
    }
  } finally {
    if (open) for (const iterator of iterators) iterator.return?.();
  }
}
