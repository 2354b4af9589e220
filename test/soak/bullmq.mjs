/**
 * npm run soak:bullmq [tasks] [attempts]: tasks over Redis, while workers are killed and Redis is restarted with nothing in
 * its memory, every few seconds. Each future must have its own result; with few attempts, or a WorkerDiedError.
 */

import { WorkerDiedError } from 'threadwork/errors';
import { BullMQExecutor } from 'threadwork/futures/bullmq';
import { AUTHKEY, startRedis, startWorker } from '../harness/redis.mjs';

const [tasks = 1500, attempts = 50] = process.argv.slice(2).map(Number);
const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

let redis = await startRedis();
const executor = new BullMQExecutor({ connection: redis.url, authkey: AUTHKEY, attempts });
const workers = new Set();
const hire = async () => workers.add(await startWorker(redis, ['--threads', '2']));
await hire();
await hire();

const futures = Array.from({ length: tasks }, (_, i) =>
  executor.submit(async (n) => {
    await new Promise((resolve) => setTimeout(resolve, 20 + (n % 7) * 30));
    if (n % 50 === 49) throw new RangeError(String(n));
    return n;
  }, i),
);

let over = false;
const trouble = (async () => {
  for (let round = 0; ; round++) {
    await later(2500);
    if (over) return;
    if (round % 3 === 2) {
      await redis.stop('SIGKILL');
      await later(500);
      redis = await startRedis(redis.port);
    } else {
      const [worker] = workers;
      workers.delete(worker);
      worker.kill('SIGKILL');
      await worker.ended;
      await hire();
    }
    const done = futures.filter((future) => future.done()).length;
    console.log(`${round % 3 === 2 ? 'Redis was restarted' : 'a worker was killed'}; ${done} of ${tasks} are done`);
  }
})();

const count = { right: 0, died: 0, wrong: 0 };
const outcomes = await Promise.allSettled(futures.map((future) => future.then()));
outcomes.forEach(({ value, reason }, i) => {
  const fails = i % 50 === 49;
  if (fails ? reason instanceof RangeError && reason.message === String(i) : value === i) count.right++;
  else if (reason instanceof WorkerDiedError) count.died++;
  else {
    count.wrong++;
    console.error(`task ${i}:`, value ?? reason);
  }
});
over = true;
await trouble;
console.log(count);
await executor.shutdownAsync();
for (const worker of workers) {
  worker.kill('SIGTERM');
  const { code } = await worker.ended;
  if (code !== 0) count.wrong++;
}
await redis.stop();
process.exitCode = count.wrong > 0 || (attempts > 10 && count.died > 0) ? 1 : 0;
