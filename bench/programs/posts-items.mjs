// A worker or a forked process that sends as many items as it is told.
import { parentPort } from 'node:worker_threads';

const text = 'x'.repeat(1000);
const bytes = new Uint8Array(2 ** 20);
const makers = {
  integers: (i) => i,
  objects: (i) => ({ id: i, name: 'item', args: [1, 2, 3] }),
  strings: () => text,
  buffers: () => bytes,
};

if (parentPort !== null) {
  parentPort.on('message', ({ kind, count }) => {
    for (let i = 0; i < count; i++) parentPort.postMessage(makers[kind](i));
  });
} else {
  process.on('message', ({ kind, count }) => {
    for (let i = 0; i < count; i++) process.send(makers[kind](i));
  });
}
