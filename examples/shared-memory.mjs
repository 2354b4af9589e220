// Node and Python work on the same memory: a block that Node makes, and a list that Python makes (shared_memory.py).
//
//   from multiprocessing.shared_memory import SharedMemory, ShareableList
//   block = SharedMemory(create=True, size=40)
//   planets = ShareableList(name='psm_…'); planets[3] = 8

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ShareableList, SharedMemory } from 'threadwork/multiprocessing/sharedMemory';

const block = new SharedMemory({ create: true, size: 5 * 8 });
const doubles = new Float64Array(block.buf.buffer);
doubles.set([1.5, 2.5, 3.5, 34.5]);
console.log('Node wrote', [...doubles.subarray(0, 4)]);

const python = spawn('python3', [fileURLToPath(new URL('shared_memory.py', import.meta.url)), block.name], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const started = await once(python, 'spawn').then(
  () => true,
  () => false,
);
if (!started) {
  console.log('There is no python3 here: Node keeps the memory to itself.');
} else {
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  console.log((await lines.next()).value);
  console.log('Node reads the sum:', doubles[4]);

  const planets = new ShareableList({ name: (await lines.next()).value });
  console.log('Node reads the list:', [...planets]);
  planets[3] = 8;
  planets[-2] = 0.5;
  planets[1] = 'Wénus';
  planets.shm.close();
  python.stdin.end('changed\n');
  console.log((await lines.next()).value);
  await once(python, 'close');
}
block.close();
block.unlink();
