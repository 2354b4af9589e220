/** What is sent arrives as the same object; of `threading`, in this process only. */

import { describe, expect, test } from 'vitest';
import { PicklingError } from '../../src/errors.ts';
import { dumps, loads } from '../../src/pickle/index.ts';
import * as multiprocessing from '../../src/sync/multiprocessing.ts';
import * as threading from '../../src/sync/threading.ts';

for (const [name, make] of [
  ['threading', threading],
  ['multiprocessing', multiprocessing as unknown as typeof threading],
] as const) {
  const scope = name === 'threading' ? 'thread' : 'process';
  const sent = <T>(value: T): T => loads(dumps(value, { scope }).bytes) as T;

  describe(name, () => {
    test('every primitive is the same object where it is known already', () => {
      const lock = new make.Lock();
      for (const object of [
        lock,
        new make.RLock(),
        new make.Condition(),
        new make.Condition(lock),
        new make.Semaphore(2),
        new make.BoundedSemaphore(2),
        new make.Event(),
        new make.Barrier(2, () => {}),
        make.Value('i', 1),
        make.Value('i', 1, { lock }),
        make.RawValue('d', 1),
        make.Array('i', 2),
        make.RawArray('c', 2),
      ]) {
        expect(sent(object)).toBe(object);
      }
    });

    test('a lock and the condition over it arrive as such', () => {
      const lock = new make.Lock();
      const condition = new make.Condition(lock);
      const got = sent({ lock, condition, again: condition });
      expect(got.again).toBe(got.condition);
      got.lock.acquire();
      expect(condition.locked()).toBe(true);
      got.lock.release();
    });

    if (name === 'threading') {
      test('what other processes cannot share is refused, with its twin', () => {
        for (const object of [new make.Lock(), new make.Semaphore(), new make.Barrier(2), new make.Condition()]) {
          const twin = object.constructor.name;
          expect(() => dumps({ deep: [object] }, { scope: 'process' })).toThrow(PicklingError);
          expect(() => dumps({ deep: [object] }, { scope: 'process' })).toThrow(`use multiprocessing.${twin}`);
        }
      });
    }
  });
}
