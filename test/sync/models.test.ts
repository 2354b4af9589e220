/**
 * Any sequence of operations on a semaphore, condition or barrier ends as it does for a model of a few lines. All
 * waiters are async and of one thread, so that the order of things is known.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BrokenBarrierError } from '../../src/errors.ts';
import * as multiprocessing from '../../src/sync/multiprocessing.ts';
import { permitsOf } from '../../src/sync/semaphore.ts';
import * as threading from '../../src/sync/threading.ts';
import { waitersOf } from '../fixtures/sync/world.ts';

type Outcome = 'waits' | 'aborted' | 'broken' | boolean | number;

/** A call that waits, and what has become of it. */
class Call {
  outcome: Outcome = 'waits';
  readonly #controller = new AbortController();

  constructor(start: (signal: AbortSignal) => Promise<boolean | number>) {
    start(this.#controller.signal).then(
      (result) => {
        this.outcome = result;
      },
      (error) => {
        this.outcome = error instanceof BrokenBarrierError ? 'broken' : 'aborted';
      },
    );
  }

  abort(): void {
    this.#controller.abort();
  }
}

/** Lets everything happen that can. */
async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise(setImmediate);
}

const number = fc.nat(7);
const outcomesOf = (calls: Call[]): Outcome[] => calls.map(({ outcome }) => outcome);

for (const [name, make] of [
  ['local', threading],
  ['system', multiprocessing as unknown as typeof threading],
] as const) {
  describe(name, () => {
    test('a semaphore gives its permits to those who wait, in order, and loses none', async () => {
      const step = fc.tuple(fc.constantFrom('take', 'wait', 'release', 'abort'), number);
      await fc.assert(
        fc.asyncProperty(fc.nat(3), fc.array(step, { maxLength: 30 }), async (initial, steps) => {
          const semaphore = new make.Semaphore(initial);
          const calls: Call[] = [];
          let value = initial;
          let waiting: number[] = [];
          const expected: Outcome[] = [];
          for (const [action, n] of steps) {
            if (action === 'take') {
              expect(semaphore.acquire(false)).toBe(value > 0);
              value = Math.max(value - 1, 0);
            } else if (action === 'wait') {
              calls.push(new Call((signal) => semaphore.acquireAsync({ signal })));
              if (value > 0) value--;
              else waiting.push(expected.length);
              expected.push(waiting.includes(expected.length) ? 'waits' : true);
            } else if (action === 'release') {
              semaphore.release(n + 1);
              value += n + 1;
              for (; value > 0 && waiting.length > 0; value--) expected[waiting.shift() as number] = true;
            } else if (n < calls.length) {
              calls[n].abort();
              if (waiting.includes(n)) expected[n] = 'aborted';
              waiting = waiting.filter((each) => each !== n);
            }
            await settle();
            expect(outcomesOf(calls)).toEqual(expected);
            expect(permitsOf(semaphore)).toBe(value);
            expect(waitersOf(semaphore)).toBe(waiting.length);
          }
          for (const call of calls) call.abort();
        }),
        { numRuns: 60 },
      );
    });

    test('a condition notifies those who waited before, in order, and nobody else', async () => {
      const step = fc.tuple(fc.constantFrom('wait', 'notify', 'notifyAll', 'abort'), number);
      await fc.assert(
        fc.asyncProperty(fc.boolean(), fc.array(step, { maxLength: 30 }), async (reentrant, steps) => {
          const condition = new make.Condition(reentrant ? new make.RLock() : new make.Lock());
          const calls: Call[] = [];
          let waiting: number[] = [];
          const expected: Outcome[] = [];
          for (const [action, n] of steps) {
            if (action === 'wait') {
              calls.push(new Call((signal) => condition.withAsync(() => condition.waitAsync({ signal }))));
              waiting.push(expected.length);
              expected.push('waits');
            } else if (action === 'abort') {
              if (n >= calls.length) continue;
              calls[n].abort();
              if (waiting.includes(n)) expected[n] = 'aborted';
              waiting = waiting.filter((each) => each !== n);
            } else {
              const count = action === 'notify' ? n : Number.POSITIVE_INFINITY;
              condition.with(() => (action === 'notify' ? condition.notify(n) : condition.notifyAll()));
              for (const each of waiting.splice(0, count)) expected[each] = true;
            }
            await settle();
            expect(outcomesOf(calls)).toEqual(expected);
            expect(waitersOf(condition)).toBe(waiting.length);
            expect(condition.locked()).toBe(false);
          }
          condition.with(() => condition.notifyAll());
          await settle();
        }),
        { numRuns: 60 },
      );
    });

    test('a barrier lets its parties go together, or breaks for all of them', async () => {
      const step = fc.tuple(fc.constantFrom('wait', 'wait', 'wait', 'leave', 'reset', 'abort'), number);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 40 }), async (parties, steps) => {
          const barrier = new make.Barrier(parties);
          const calls: Call[] = [];
          let waiting: number[] = [];
          let broken = false;
          const expected: Outcome[] = [];
          for (const [action, n] of steps) {
            if (action === 'wait') {
              calls.push(new Call((signal) => barrier.waitAsync({ signal })));
              if (broken) expected.push('broken');
              else {
                waiting.push(expected.length);
                expected.push('waits');
              }
              if (waiting.length === parties) {
                for (const [place, each] of waiting.entries()) expected[each] = place;
                waiting = [];
              }
            } else if (action === 'leave') {
              if (n >= calls.length) continue;
              calls[n].abort();
              if (waiting.includes(n)) expected[n] = 'aborted';
              waiting = waiting.filter((each) => each !== n);
            } else {
              barrier[action]();
              for (const each of waiting) expected[each] = 'broken';
              waiting = [];
              broken = action === 'abort';
            }
            await settle();
            expect(outcomesOf(calls)).toEqual(expected);
            expect(barrier.nWaiting).toBe(waiting.length);
            expect(barrier.broken).toBe(broken);
          }
          barrier.abort();
          await settle();
        }),
        { numRuns: 60 },
      );
    });
  });
}
