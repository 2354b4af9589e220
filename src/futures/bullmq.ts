/**
 * An executor whose tasks go through Redis to workers on any number of machines, with the packages bullmq
 * (https://bullmq.io, version 6) and ioredis, to be installed by you. The workers are started with
 * `npx threadwork worker`, or are made with `BullMQWorker`.
 *
 * @module futures/bullmq
 */

export type { RedisAddress, RedisConnection, RedisLike } from '../pool/bullmq-connection.ts';
export {
  BullMQExecutor,
  type BullMQExecutorOptions,
  type BullMQMeetingPoint,
} from '../pool/bullmq-executor.ts';
export { BullMQWorker, type BullMQWorkerOptions } from '../pool/bullmq-worker.ts';
