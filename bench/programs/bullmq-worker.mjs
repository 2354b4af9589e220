import { Worker } from 'bullmq';

const connection = { url: process.argv[2], maxRetriesPerRequest: null };
const worker = new Worker('plain', async ({ data }) => data.i, { connection, concurrency: 2 });
await worker.waitUntilReady();
console.log('ready');
process.on('SIGTERM', async () => {
  await worker.close();
  process.exit();
});
