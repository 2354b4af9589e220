/** What a user's compiler makes of the built package: every entry point, and the types below the root module. */

import type { Remote } from 'comlink';
import { coroutine, errors, futures, multiprocessing, os, queue, signal, threading } from 'threadwork';
import * as coroutineModule from 'threadwork/coroutine';
import * as errorsModule from 'threadwork/errors';
import * as futuresModule from 'threadwork/futures';
import { BullMQExecutor, BullMQWorker } from 'threadwork/futures/bullmq';
import { PiscinaExecutor } from 'threadwork/futures/piscina';
import * as multiprocessingModule from 'threadwork/multiprocessing';
import { type Family, Listener } from 'threadwork/multiprocessing/connection';
import { BaseManager, type DictProxy, type SyncManager } from 'threadwork/multiprocessing/managers';
import { Pool } from 'threadwork/multiprocessing/pool';
import { SharedMemory } from 'threadwork/multiprocessing/sharedMemory';
import * as osModule from 'threadwork/os';
import * as queueModule from 'threadwork/queue';
import * as signalModule from 'threadwork/signal';
import * as threadingModule from 'threadwork/threading';
import { expectTypeOf } from 'vitest';

expectTypeOf(coroutine.spawn).toEqualTypeOf(coroutineModule.spawn);
expectTypeOf(errors.ValueError).toEqualTypeOf(errorsModule.ValueError);
expectTypeOf(futures.ThreadPoolExecutor).toEqualTypeOf(futuresModule.ThreadPoolExecutor);
expectTypeOf(multiprocessing.Process).toEqualTypeOf(multiprocessingModule.Process);
expectTypeOf(os.wait).toEqualTypeOf(osModule.wait);
expectTypeOf(signal.signal).toEqualTypeOf(signalModule.signal);
expectTypeOf(queue.PriorityQueue).toEqualTypeOf(queueModule.PriorityQueue);
expectTypeOf(threading.Thread).toEqualTypeOf(threadingModule.Thread);

expectTypeOf<futures.ExecutorStats>().toHaveProperty('waitTime');
expectTypeOf<threading.ThreadOptions>().toHaveProperty('target');
expectTypeOf(multiprocessing.Pool).toEqualTypeOf(Pool);
expectTypeOf<Family>().toEqualTypeOf<'AF_INET' | 'AF_INET6' | 'AF_UNIX'>();
expectTypeOf(Listener).toBeConstructibleWith({ address: null });
expectTypeOf(new SharedMemory({ create: true, size: 1 }).buf).toExtend<Uint8Array>();
expectTypeOf(PiscinaExecutor).instance.toExtend<futures.Executor>();
expectTypeOf(BullMQExecutor).instance.toExtend<futures.Executor>();
expectTypeOf(BullMQWorker).toBeConstructibleWith({ connection: 'redis://host', threads: 2 });

const executor = new futures.ThreadPoolExecutor(2);
expectTypeOf(executor.submit((a: number, b: string) => [b, a] as const, 1, 'x')).toEqualTypeOf<
  futures.Future<readonly [string, number]>
>();
expectTypeOf(executor.submit(async () => 5).result()).toEqualTypeOf<number>();
// @ts-expect-error an argument of the wrong type
executor.submit((a: number) => a, 'x');
// @ts-expect-error an argument is missing
executor.submit((a: number) => a);
expectTypeOf(new Pool(2).map((x: number) => `${x}`, [1, 2])).toEqualTypeOf<string[]>();
expectTypeOf(await new Pool(2).applyAsync((x: number) => x > 1, [1])).toEqualTypeOf<boolean>();
for await (const text of new Pool(2).imap(async (x: number) => `${x}`, [1])) expectTypeOf(text).toEqualTypeOf<string>();

const greenlet = coroutine.spawn(async (a: number, b: string) => `${a}${b}`, 1, 'x');
expectTypeOf(greenlet).toExtend<coroutine.Greenlet<string>>();
expectTypeOf(greenlet.args).toEqualTypeOf<[a: number, b: string] | readonly []>();
expectTypeOf(await greenlet).toEqualTypeOf<string>();
expectTypeOf(await greenlet.get({ timeout: 1 })).toEqualTypeOf<string>();
expectTypeOf(greenlet.value).toEqualTypeOf<string | coroutine.GreenletExit | null>();
// @ts-expect-error an argument of the wrong type
coroutine.spawn((a: number) => a, 'x');
expectTypeOf(await coroutine.joinall([greenlet])).toEqualTypeOf<(typeof greenlet)[]>();
expectTypeOf(new coroutine.Pool(2).spawn((a: number) => a > 1, 1).get()).toEqualTypeOf<Promise<boolean>>();
expectTypeOf(await new coroutine.Pool(2).map(async (a: number) => `${a}`, [1])).toEqualTypeOf<string[]>();
for await (const pair of new coroutine.Group().imap((a, b) => [a, b] as const, [1], 'x'))
  expectTypeOf(pair).toEqualTypeOf<readonly [number, string]>();
expectTypeOf(await coroutine.withTimeout(1, async (a: number) => a, 1)).toEqualTypeOf<number>();
expectTypeOf(await coroutine.withTimeout(1, (a: number) => a, 1, { timeoutValue: null })).toEqualTypeOf<
  number | null
>();
class Crawl extends coroutine.Greenlet<number> {
  constructor(readonly url: string) {
    super();
  }
  override _run(): number {
    return this.url.length;
  }
}
expectTypeOf(Crawl.spawn('x')).toEqualTypeOf<Crawl>();
expectTypeOf(await Crawl.spawn('x')).toEqualTypeOf<number>();
// @ts-expect-error an argument is missing
Crawl.spawn();
const manager = multiprocessing.Manager();
expectTypeOf(manager).toEqualTypeOf<SyncManager>();
const prices = manager.dict<string, number>({ apple: 1 });
expectTypeOf(prices.get('apple')).toEqualTypeOf<number | undefined>();
expectTypeOf(prices.get('apple', null)).toEqualTypeOf<number | null>();
expectTypeOf(await prices.popAsync('apple')).toEqualTypeOf<number>();
for (const entry of prices) expectTypeOf(entry).toEqualTypeOf<[string, number]>();
expectTypeOf(manager.list([1, 2])[0]).toEqualTypeOf<number>();
expectTypeOf(manager.Namespace<{ x: number }>({ x: 1 }).x).toEqualTypeOf<number>();
expectTypeOf(manager.Queue<string>().get()).toEqualTypeOf<string>();
// @ts-expect-error a value of the wrong type
prices.set('pear', 'dear');

class Counter {
  count = 0;
  increment(by: number): number {
    this.count += by;
    return this.count;
  }
  async later(text: string): Promise<string> {
    return text;
  }
  _hidden(): void {}
}
const Mine = BaseManager.register('Counter', Counter).register('board', () => new Map<string, number>());
const counter = new Mine({ address: ['127.0.0.1', 0] }).Counter();
expectTypeOf(counter.increment(1)).toEqualTypeOf<number>();
expectTypeOf(counter.later('x')).toEqualTypeOf<string>();
expectTypeOf(counter.incrementAsync(1)).toEqualTypeOf<Promise<number>>();
expectTypeOf(counter.laterAsync('x')).toEqualTypeOf<Promise<string>>();
expectTypeOf(counter.async).toEqualTypeOf<Remote<Counter>>();
expectTypeOf(counter.async.count).toEqualTypeOf<Promise<number>>();
// @ts-expect-error what begins with _ is not exposed
counter._hidden();
// @ts-expect-error an argument is missing
counter.increment();
expectTypeOf<DictProxy<string, number>['size']>().toEqualTypeOf<number>();
