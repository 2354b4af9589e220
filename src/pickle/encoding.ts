import { findPath } from './path.ts';
import type { DumpContext, Scope } from './reducer.ts';
import { type Relocation, relocate } from './relocation.ts';
import { Writer } from './writer.ts';

/** Up to so many objects a search through a list beats a Map. */
const LISTED = 12;

/** Pieces from this length on go beside a message, where that can be. */
const ATTACHED_FROM = 16 * 1024;

/** The state of an {@link Encoding} at one moment. */
export interface Mark {
  position: number;
  depth: number;
  count: number;
  frames: number;
  references: number;
  attachments: number;
  modules: number;
}

/**
 * A message that is being written: the bytes, the objects met so far, and what goes with the message. The kinds of
 * values are written by functions that take an `Encoding`; {@link Encoding.value} chooses among them.
 */
export abstract class Encoding extends Writer implements DumpContext {
  scope: Scope = 'thread';
  references: object[] = [];
  /** Where the reader has the files that are named here. */
  relocation: Relocation | null = null;
  /** Whether pieces may go beside the message. */
  mayAttach = false;
  attachments: Uint8Array[] = [];
  modules: string[] = [];
  /** True while the body of a function is written: functions within share its numbering of objects. */
  inFunction = false;
  /** Buffers of which more than one view is in the message: they are written whole. */
  sharedBuffers: Set<ArrayBufferLike> | undefined;
  /** Buffers of which a view has been written as a part of its own. */
  slicedBuffers: Set<ArrayBufferLike> | undefined;
  depth = 0;
  /** The roots of the search for a path; more than one within states of reducers and captured variables. */
  readonly frames: { name: string; root: unknown; current?: unknown }[] = [];
  /** Objects whose state is being written and cannot be referred to from inside it. */
  readonly open = new Set<object>();
  #seen: object[] = [];
  #index: Map<object, number> | undefined;

  /** Writes any value. */
  abstract value(value: unknown): void;
  /** Another encoding of the same kind, for a part with a numbering of its own. */
  abstract nested(): Encoding;

  begin(scope: Scope, root: unknown, name: string): void {
    this.rewind();
    this.scope = scope;
    this.frames.push({ name, root });
  }

  /** Forgets the message, so that nothing of it is kept alive. */
  end(): void {
    if (this.references.length > 0) this.references = [];
    if (this.attachments.length > 0) this.attachments = [];
    if (this.modules.length > 0) this.modules = [];
    this.mayAttach = false;
    this.relocation = null;
    if (this.open.size > 0) this.open.clear();
    this.inFunction = false;
    this.sharedBuffers = undefined;
    this.slicedBuffers = undefined;
    this.depth = 0;
    while (this.frames.length > 0) this.frames.pop();
    this.forget();
    // Also lets go of a buffer that has grown large; who holds a view on it goes on reading it.
    this.rewind();
  }

  forget(): void {
    this.#index = undefined;
    // Setting the length of an array to 0 takes longer than all of this.
    if (this.#seen.length <= LISTED) while (this.#seen.length > 0) this.#seen.pop();
    else this.#seen = [];
  }

  /** The number of an object that was met before, or -1; then it has a number from now on. */
  numberOf(object: object): number {
    const index = this.#index;
    if (index !== undefined) {
      const known = index.get(object);
      if (known !== undefined) return known;
      index.set(object, index.size);
      return -1;
    }
    const seen = this.#seen;
    for (let i = 0; i < seen.length; i++) if (seen[i] === object) return i;
    seen.push(object);
    if (seen.length > LISTED) this.#index = new Map(seen.map((o, i) => [o, i]));
    return -1;
  }

  /** Whether an object was met before. */
  isKnown(object: object): boolean {
    return this.#index === undefined ? this.#seen.includes(object) : this.#index.has(object);
  }

  /** A point to go back to with {@link Encoding.rollBack}, when something may turn out not to be sendable. */
  mark(): Mark {
    const { position, depth } = this;
    return {
      position,
      depth,
      count: this.#index?.size ?? this.#seen.length,
      frames: this.frames.length,
      references: this.references.length,
      attachments: this.attachments.length,
      modules: this.modules.length,
    };
  }

  /** Forgets all that was written since the mark. */
  rollBack(mark: Mark): void {
    this.position = mark.position;
    this.depth = mark.depth;
    this.frames.length = mark.frames;
    this.references.length = mark.references;
    this.attachments.length = mark.attachments;
    this.modules.length = mark.modules;
    if (this.#index === undefined) {
      this.#seen.length = mark.count;
      return;
    }
    for (const [object, number] of this.#index) if (number >= mark.count) this.#index.delete(object);
  }

  addReference(reference: object): void {
    this.references.push(reference);
  }

  /** Has bytes go beside the message; returns their number, or -1 if they belong into it. */
  attach(bytes: Uint8Array): number {
    return this.mayAttach && bytes.length >= ATTACHED_FROM ? this.attachments.push(bytes) - 1 : -1;
  }

  /** Writes the name of a module or file. */
  fileName(name: string): void {
    this.string(relocate(name, this.relocation));
  }

  addModule(name: string): void {
    const module = relocate(name, this.relocation);
    if (!this.modules.includes(module)) this.modules.push(module);
  }

  path(target?: unknown): string {
    let text = '';
    for (let i = 0; i < this.frames.length; i++) {
      const frame = this.frames[i];
      const last = i === this.frames.length - 1;
      const found = findPath(frame.root, last && target !== undefined ? target : frame.current) ?? '';
      // A captured variable is named by its function; how one came to the function adds nothing.
      text = frame.name.startsWith('.') || text === '' ? text + frame.name + found : `${text}: ${frame.name}${found}`;
    }
    return text;
  }

  /** Writes `value` as something that belongs to `owner` under a name of its own in paths. */
  within(owner: unknown, name: string, value: unknown): void {
    const outer = this.frames[this.frames.length - 1];
    const before = outer.current;
    outer.current = owner;
    this.frames.push({ name, root: value });
    this.value(value);
    this.frames.pop();
    outer.current = before;
  }
}
