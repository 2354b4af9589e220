/**
 * What a family of processes holds of an object of a manager: a payload that is counted by the threads that have a
 * proxy, and by the messages under way that mention one. The server holds it too. When nobody else does any more, the
 * object is given up: no message need say so, and it is so however the others have ended.
 *
 * ```
 * +0 OBJECT  its number in the server
 * ```
 */

import { objectAt, Place, SharedObject } from '../memory/handle.ts';
import { CHUNK_COUNT, CHUNK_HEADER } from '../memory/heap.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { registerReducer } from '../pickle/reducer.ts';

const OBJECT = 0;
const BYTES = 4;

export class Token extends SharedObject {
  /** The proxy of this thread, so that what arrives twice is one proxy. */
  proxy: WeakRef<object> | null = null;

  constructor(place: Place) {
    super(place);
  }

  /** A token for an object of the server that runs in this thread. @throws MemoryError */
  static create(object: number): Token {
    const place = Place.fresh(systemMemory(), BYTES);
    place.memory.i32[place.base + OBJECT] = object;
    return new Token(place);
  }

  get object(): number {
    return this.place.memory.i32[this.place.base + OBJECT];
  }

  /** Whether only this thread holds it. */
  get isLone(): boolean {
    const { memory, payload } = this.place;
    return Atomics.load(memory.i32, payload - CHUNK_HEADER + CHUNK_COUNT) === 1;
  }
}

registerReducer(Token, {
  tag: 'multiprocessing.managers.Token',
  dump(token: Token, context): number {
    context.addReference(token);
    return token.place.payload;
  },
  load: (payload: number) => objectAt(new Place(systemMemory(), payload), (place) => new Token(place)),
});
