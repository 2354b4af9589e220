/** Several iterables read side by side, as Python's `zip` does. */

/** What `imap` reads. */
export type AnyIterable = Iterable<unknown> | AsyncIterable<unknown>;

/** What an iterable gives. */
export type Item<I> = I extends AsyncIterable<infer T> ? T : I extends Iterable<infer T> ? T : never;

export interface Rows {
  next(): IteratorResult<unknown[]> | Promise<IteratorResult<unknown[]>>;
  /** Nothing more will be read. */
  close(): unknown;
}

/** The first items of all iterables, the second ones, and so on, until one has no more. */
export function rowsOf(iterables: readonly AnyIterable[]): Rows {
  const rows = iterables.some(isAsyncIterable) ? zipAsync(iterables) : zip(iterables as Iterable<unknown>[]);
  return { next: () => rows.next(), close: () => rows.return(undefined) };
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as AsyncIterable<unknown> | null | undefined)?.[Symbol.asyncIterator] === 'function';
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof (value as Iterable<unknown> | null | undefined)?.[Symbol.iterator] === 'function';
}

function* zip(iterables: readonly Iterable<unknown>[]): Generator<unknown[], undefined> {
  const open = new Set<Iterator<unknown>>();
  try {
    const iterators = iterables.map((iterable) => iterable[Symbol.iterator]());
    for (const iterator of iterators) open.add(iterator);
    for (;;) {
      const row: unknown[] = [];
      for (const iterator of iterators) {
        open.delete(iterator); // one that throws closes itself
        const { value, done } = iterator.next();
        if (done) return;
        open.add(iterator);
        row.push(value);
      }
      yield row;
    }
  } finally {
    for (const iterator of open) iterator.return?.();
  }
}

async function* zipAsync(iterables: readonly AnyIterable[]): AsyncGenerator<unknown[], undefined> {
  const open = new Set<Iterator<unknown> | AsyncIterator<unknown>>();
  try {
    const iterators = iterables.map((iterable) =>
      isAsyncIterable(iterable) ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator](),
    );
    for (const iterator of iterators) open.add(iterator);
    for (;;) {
      const row: unknown[] = [];
      for (const iterator of iterators) {
        open.delete(iterator);
        const { value, done } = await iterator.next();
        if (done) return;
        open.add(iterator);
        row.push(value);
      }
      yield row;
    }
  } finally {
    for (const iterator of open) await iterator.return?.();
  }
}
