import { Worker } from 'node:worker_threads';

const start = performance.now();
await new Promise((resolve) => new Worker('0', { eval: true }).on('exit', resolve));
console.log((performance.now() - start) / 1000);
