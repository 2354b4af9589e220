/** What a user's compiler makes of the built package: every entry point, and the types below the root module. */

import { errors, futures, multiprocessing, queue, threading } from 'threadwork';
import * as errorsModule from 'threadwork/errors';
import * as futuresModule from 'threadwork/futures';
import { BullMQExecutor, BullMQWorker } from 'threadwork/futures/bullmq';
import { PiscinaExecutor } from 'threadwork/futures/piscina';
import * as multiprocessingModule from 'threadwork/multiprocessing';
import { type Family, Listener } from 'threadwork/multiprocessing/connection';
import { Pool } from 'threadwork/multiprocessing/pool';
import { SharedMemory } from 'threadwork/multiprocessing/sharedMemory';
import * as queueModule from 'threadwork/queue';
import * as threadingModule from 'threadwork/threading';
import { expectTypeOf } from 'vitest';

expectTypeOf(errors.ValueError).toEqualTypeOf(errorsModule.ValueError);
expectTypeOf(futures.ThreadPoolExecutor).toEqualTypeOf(futuresModule.ThreadPoolExecutor);
expectTypeOf(multiprocessing.Process).toEqualTypeOf(multiprocessingModule.Process);
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
