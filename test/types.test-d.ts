/** What the types promise; `npm run check` compiles this, nothing runs it. */

import { expectTypeOf } from 'vitest';
import * as multiprocessing from '../src/multiprocessing.ts';
import { Queue } from '../src/queue.ts';
import { local, setExcepthook, Thread, Timer } from '../src/threading.ts';

// Threads and processes take functions with their arguments, sync and async.
function add(a: number, b: string): string {
  return a + b;
}
expectTypeOf(new Thread({ target: add, args: [1, 'x'] })).toEqualTypeOf<Thread<typeof add>>();
new multiprocessing.Process({ target: async (n: number) => n, args: [2], daemon: true }).start();
new Thread({ target: { module: new URL('file:///job.js'), export: 'run' }, args: [1] });
new Timer(1, add, [1, 'x']).cancel();
// @ts-expect-error a target is a function
new Thread({ target: 42 });

// A subclass overrides run; it may return anything, or a promise.
class Clock extends Thread {
  constructor(readonly interval: number) {
    super({ name: 'clock' });
  }

  override async run(): Promise<void> {
    expectTypeOf(this.interval).toBeNumber();
  }
}
new Clock(1).join(0.5);
expectTypeOf(new Clock(1).joinAsync({ timeout: 1, signal: AbortSignal.timeout(1) })).toEqualTypeOf<Promise<void>>();
expectTypeOf(new Clock(1).ident).toEqualTypeOf<number | null>();
expectTypeOf(new multiprocessing.Process().exitcode).toEqualTypeOf<number | null>();

setExcepthook(({ thread, excValue }) => {
  expectTypeOf(thread.name).toBeString();
  void excValue;
});

// A queue knows its items.
const queue = new Queue<{ id: number }>(10);
expectTypeOf(queue.get({ timeout: 1 }).id).toBeNumber();
expectTypeOf(queue.getAsync({ signal: AbortSignal.timeout(1) })).toEqualTypeOf<Promise<{ id: number }>>();
for (const item of queue) expectTypeOf(item).toEqualTypeOf<{ id: number }>();
// @ts-expect-error an item of another type
queue.put({ id: 'x' });

// A value reads as its type code says.
expectTypeOf(multiprocessing.Value('i', 0).value).toBeNumber();
expectTypeOf(new multiprocessing.Value('q', 1).value).toBeBigInt();
expectTypeOf(multiprocessing.Value('?').value).toBeBoolean();
expectTypeOf(multiprocessing.Value('i', 0).add(1)).toBeNumber();
expectTypeOf(multiprocessing.Value('i', 0).getLock().acquire()).toBeBoolean();
// @ts-expect-error there is no such type code
multiprocessing.Value('x');
// @ts-expect-error a raw value has no lock
multiprocessing.Value('i', 0, { lock: false }).getLock();

// An array is the typed array of its type code.
expectTypeOf(multiprocessing.Array('i', [1, 2])[0]).toBeNumber();
expectTypeOf(multiprocessing.Array('q', 2)[0]).toBeBigInt();
expectTypeOf(multiprocessing.Array('d', 2).with(() => 'x')).toBeString();
expectTypeOf(multiprocessing.RawArray('d', 2)).toEqualTypeOf<Float64Array>();

// Data of one thread.
expectTypeOf(local<{ user: string }>().user).toBeString();
