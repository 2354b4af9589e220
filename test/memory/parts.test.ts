import { afterEach, describe, expect, it } from 'vitest';
import { destroyPayload, onDestroy, PLAIN } from '../../src/memory/kinds.ts';
import type { Memory } from '../../src/memory/memory.ts';
import { findInParts, setPartLoader } from '../../src/memory/parts.ts';
import { loads } from '../../src/pickle/index.ts';
import { classByTag, registerReducer } from '../../src/pickle/reducer.ts';
import * as wire from '../../src/pickle/wire.ts';

const memory = {} as Memory;

describe('what no loaded part knows', () => {
  afterEach(() => setPartLoader(() => false));

  it('has one part after the other loaded, until one knows it', () => {
    const loaded: string[] = [];
    const parts = ['processes', 'pools', 'more'];
    setPartLoader(() => loaded.push(parts[loaded.length]) > 0);
    expect(findInParts(() => (loaded.includes('pools') ? 'found' : undefined))).toBe('found');
    expect(loaded).toEqual(['processes', 'pools']);
  });

  it('is not found when no part is left', () => {
    let asked = 0;
    setPartLoader(() => asked++ < 2);
    expect(findInParts(() => undefined)).toBeUndefined();
    expect(asked).toBe(3);
  });

  it('may be the class of an object in a message', () => {
    class Late {
      readonly state: number;
      constructor(state: number) {
        this.state = state;
      }
    }
    setPartLoader(() => {
      if (classByName('test.Late')) return false;
      registerReducer(Late, { tag: 'test.Late', dump: ({ state }) => state, load: (state: number) => new Late(state) });
      return true;
    });
    const message = Buffer.from([wire.REDUCED, wire.STRING | 9, ...Buffer.from('test.Late'), 7]);
    expect(loads(message)).toEqual(new Late(7));
  });

  it('may be how a payload lets go of what it mentions', () => {
    const kind = 63;
    const destroyed: number[] = [];
    let left = 1;
    setPartLoader(() => {
      if (left-- === 0) return false;
      onDestroy(kind, (_, payload) => destroyed.push(payload));
      return true;
    });
    destroyPayload(memory, 640, kind);
    expect(destroyed).toEqual([640]);
  });

  it('is never looked for on behalf of a payload without mentions', () => {
    setPartLoader(() => expect.unreachable());
    destroyPayload(memory, 640, PLAIN);
  });
});

function classByName(tag: string): boolean {
  setPartLoader(() => false);
  return classByTag(tag) !== undefined;
}
