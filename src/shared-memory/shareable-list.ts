import { IndexError, ValueError } from '../errors.ts';
import { type AnyReducer, registerIdentity } from '../pickle/reducer.ts';
import { describe } from '../sync/timeout.ts';
import { asInteger, ListLayout, type Shareable } from './list-layout.ts';
import { SharedMemory } from './shared-memory.ts';

export type { Shareable };

/** Where a {@link ShareableList} lies. */
export interface ShareableListOptions {
  /** The name of the block: of the one to open, or, if there is a sequence, of the one to make. */
  name?: string | null;
}

interface Parts {
  shm: SharedMemory;
  layout: ListLayout;
}

/** What each list is made of: a list is a `Proxy`, and that has no private fields. */
const partsOf = new WeakMap<object, Parts>();

/**
 * A list of fixed length in a block of shared memory, in CPython's layout: each side reads lists that the other made.
 *
 * `list[0]`, `list[0] = 5` and `list.length` work as with an array, `list[-1]` as in Python. An item may change its
 * type if the new value fits into the old one's place. Nothing is locked.
 *
 * Whole numbers are `int`s to Python, all others `float`s; but where a float is, a whole number is stored as a float
 * too. A `bigint` is always an `int`. Zeros at the end of texts and bytes are lost.
 *
 * Python: https://docs.python.org/3/library/multiprocessing.shared_memory.html#multiprocessing.shared_memory.ShareableList
 */
export class ShareableList<T extends Shareable = Shareable> {
  /** An item; a negative index counts from the end. Any other is an `IndexError`. */
  [index: number]: T;

  /**
   * @param sequence what the list holds; absent or `null` with a `name`: the list in that block is opened.
   * @throws TypeError, ValueError an item cannot be stored. @throws FileExistsError, FileNotFoundError as for a
   * {@link SharedMemory}.
   */
  constructor(sequence?: Iterable<T> | null, options?: ShareableListOptions);
  constructor(options: ShareableListOptions & { sequence?: Iterable<T> | null });
  constructor(first?: unknown, second?: ShareableListOptions) {
    const parts = makeParts(first, second);
    const list = new Proxy(this, indexing as ProxyHandler<this>);
    partsOf.set(this, parts);
    partsOf.set(list, parts);
    // biome-ignore lint/correctness/noConstructorReturn: the proxy is the list
    return list;
  }

  /** How many items there are. */
  get length(): number {
    return layoutOf(this).length;
  }

  /** The block in which the list lies: `list.shm.close()`, `list.shm.unlink()`, `list.shm.name`. */
  get shm(): SharedMemory {
    return (partsOf.get(this) as Parts).shm;
  }

  /** The formats of all items, as Python's `struct` has them. */
  get format(): string {
    const layout = layoutOf(this);
    return Array.from({ length: layout.length }, (_, i) => layout.format(i)).join('');
  }

  /** The item at an index; a negative one counts from the end. @throws IndexError there is no such item. */
  at(index: number): T {
    return read(this, index) as T;
  }

  /** How many items equal the value. */
  count(value: T): number {
    return [...this].filter((item) => isEqual(item, value)).length;
  }

  /** The index of the first item that equals the value. @throws ValueError there is none. */
  index(value: T): number {
    const found = [...this].findIndex((item) => isEqual(item, value));
    if (found === -1) throw new ValueError(`ShareableList.index: ${describe(value)} is not in the list`);
    return found;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    const layout = layoutOf(this);
    for (let i = 0; i < layout.length; i++) yield layout.read(i) as T;
  }

  /** An array of the items. */
  toJSON(): T[] {
    return [...this];
  }

  /** @internal What the console shows. */
  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    options: object,
    inspect: (o: unknown, options: object) => string,
  ): string {
    const { shm } = this;
    return `ShareableList(${shm.buf === null ? 'closed' : inspect([...this], options)}, name='${shm.name}')`;
  }
}

/** An index is a property of the list; anything else is the object's own. */
const indexing: ProxyHandler<object> = {
  get(list, key, receiver) {
    const index = indexOf(key);
    return index === null ? Reflect.get(list, key, receiver) : read(list, index);
  },
  set(list, key, value, receiver) {
    const index = indexOf(key);
    if (index === null) return Reflect.set(list, key, value, receiver);
    const layout = layoutOf(list);
    layout.write(checkIndex(index, layout.length, 'assignment index'), value);
    return true;
  },
  has(list, key) {
    const index = indexOf(key);
    if (index === null) return Reflect.has(list, key);
    return index >= 0 && index < layoutOf(list).length;
  },
  deleteProperty(list, key) {
    if (indexOf(key) === null) return Reflect.deleteProperty(list, key);
    throw new TypeError('ShareableList: items cannot be deleted, the length is fixed; assign null');
  },
};

const INDEX = /^-?\d+$/;

function indexOf(key: string | symbol): number | null {
  return typeof key === 'string' && INDEX.test(key) ? Number(key) : null;
}

function read(list: object, index: number): Shareable {
  const layout = layoutOf(list);
  return layout.read(checkIndex(index, layout.length, 'index'));
}

function checkIndex(index: number, length: number, what: string): number {
  if (!Number.isInteger(index))
    throw new TypeError(`ShareableList: ${what} must be an integer, not ${describe(index)}`);
  const i = index < 0 ? index + length : index;
  if (i >= 0 && i < length) return i;
  throw new IndexError(`ShareableList: ${what} ${index} is out of range: the list has ${length} items, for good`);
}

function layoutOf(list: object): ListLayout {
  const { shm, layout } = partsOf.get(list) as Parts;
  if (shm.buf === null) throw new ValueError(`ShareableList: its block "${shm.name}" has been closed`);
  return layout;
}

function isEqual(item: Shareable, value: unknown): boolean {
  if (item instanceof Uint8Array && value instanceof Uint8Array) return Buffer.compare(item, value) === 0;
  return item === (typeof value === 'bigint' ? asInteger(value) : (value ?? null));
}

function makeParts(first: unknown, second: ShareableListOptions = {}): Parts {
  if (first instanceof SharedMemory) return open(first);
  const isOptions = typeof first === 'object' && first !== null && !(Symbol.iterator in first);
  const { sequence = null, name = null }: { sequence?: unknown; name?: unknown } = isOptions
    ? first
    : { ...second, sequence: first };
  if (name !== null && typeof name !== 'string') {
    throw new TypeError(`ShareableList: name must be a string, not ${describe(name)}`);
  }
  if (sequence === null && name !== null) return open(new SharedMemory({ name }));
  return create((sequence ?? []) as Iterable<Shareable>, name);
}

function create(sequence: Iterable<Shareable>, name: string | null): Parts {
  if (typeof sequence[Symbol.iterator] !== 'function') {
    throw new TypeError(`ShareableList: sequence must be iterable, not ${describe(sequence)}`);
  }
  const items = [...sequence];
  // What is a float in the one list is a float in the copy.
  const formats = partsOf.has(sequence) ? items.map((_, i) => layoutOf(sequence).format(i)) : [];
  const shm = new SharedMemory({ name, create: true, size: ListLayout.size(items) });
  return { shm, layout: ListLayout.write(shm.buf, items, formats) };
}

function open(shm: SharedMemory): Parts {
  try {
    return { shm, layout: new ListLayout(shm.buf) };
  } catch (error) {
    shm.close();
    throw error;
  }
}

const reducer: AnyReducer = {
  tag: 'multiprocessing.ShareableList',
  dump: (list: ShareableList) => list.shm,
  load: (shm: SharedMemory) => new ShareableList(shm as never),
};
registerIdentity((o) => (partsOf.has(o) ? reducer : undefined), reducer);
