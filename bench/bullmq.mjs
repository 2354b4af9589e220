/**
 * Tasks over Redis, against BullMQ itself: one worker process of two threads (ours) or of concurrency 2 (BullMQ), whose
 * results are awaited by the program that submits. Needs redis-server.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Queue, QueueEvents } from 'bullmq';
import { BullMQExecutor } from 'threadwork/futures/bullmq';
import { AUTHKEY, hasRedis, startRedis, startWorker } from '../test/harness/redis.mjs';
import { interleave } from './harness/rounds.mjs';
import { same } from './programs/pool-work.mjs';

export const title = 'Tasks over Redis, one worker of two';

const ROUNDS = 5;
const TASKS = 1_000;
const ALONE = 100;

const range = (count) => Array.from({ length: count }, (_, i) => i);

export async function rows() {
  if (!hasRedis()) {
    console.log('There is no redis-server here: tasks over Redis are not measured.');
    return [];
  }
  const redis = await startRedis();
  const ours = await startWorker(redis, ['--threads', '2']);
  const executor = new BullMQExecutor({ connection: redis.url, authkey: AUTHKEY });

  const connection = { url: redis.url, maxRetriesPerRequest: null };
  const program = fileURLToPath(new URL('./programs/bullmq-worker.mjs', import.meta.url));
  const theirs = spawn(process.execPath, [program, redis.url], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(theirs.stdout, 'data');
  const queue = new Queue('plain', { connection });
  queue.setMaxListeners(0); // each job that is awaited has one
  const events = new QueueEvents('plain', { connection });
  await events.waitUntilReady();
  const job = (i) => ({ name: 'same', data: { i }, opts: { removeOnComplete: { age: 60 } } });

  const rate = async (work) => {
    const start = performance.now();
    await work();
    return TASKS / ((performance.now() - start) / 1000);
  };
  const each = async (work) => {
    const start = performance.now();
    for (const i of range(ALONE)) await work(i);
    return (performance.now() - start) / 1000 / ALONE;
  };
  const found = await interleave(ROUNDS, {
    ours: () => rate(() => Promise.all(range(TASKS).map((i) => executor.submit(same, i)))),
    chunks: () => rate(() => [...executor.map(same, range(TASKS), { chunksize: 50 })]),
    theirs: () =>
      rate(async () => {
        const jobs = await queue.addBulk(range(TASKS).map(job));
        await Promise.all(jobs.map((each) => each.waitUntilFinished(events)));
      }),
    oursAlone: () => each((i) => executor.submit(same, i)),
    theirsAlone: () => each(async (i) => (await queue.add('same', { i })).waitUntilFinished(events)),
  });
  await executor.shutdownAsync();
  await events.close();
  await queue.close();
  ours.kill('SIGTERM');
  theirs.kill('SIGTERM');
  await Promise.all([ours.ended, once(theirs, 'exit')]);
  await redis.stop();
  const against = 'BullMQ itself';
  return [
    { name: 'BullMQExecutor, submitted and awaited', ours: found.ours, against, theirs: found.theirs, rate: true },
    { name: '… map with chunks of 50', ours: found.chunks, against, theirs: found.theirs, rate: true },
    { name: '… one at a time', ours: found.oursAlone, against, theirs: found.theirsAlone },
  ];
}
