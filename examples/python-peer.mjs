// A Node program and a Python program talk to each other: the frames and the keys of Listener and Client are those of
// Python's multiprocessing.connection. Bytes travel, JSON here, and what is large lies in a block of memory that both
// have open. The other half is python_peer.py.

import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client, Listener } from 'threadwork/multiprocessing/connection';
import { SharedMemory } from 'threadwork/multiprocessing/sharedMemory';

const script = fileURLToPath(new URL('python_peer.py', import.meta.url));
const authkey = randomBytes(16);

function hasPython() {
  try {
    execFileSync('python3', ['-c', 'import multiprocessing.connection'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const toBytes = (value) => Buffer.from(JSON.stringify(value));
const fromBytes = (bytes) => JSON.parse(bytes.toString());

// Python is the client: it answers questions that JavaScript has no functions for.
async function askPython(listener) {
  const connection = await listener.acceptAsync(30);
  for (const question of [
    { function: 'median', data: [7, 1, 9, 3] },
    { function: 'multimode', data: ['b', 'a', 'b', 'a', 'c'] },
  ]) {
    connection.sendBytes(toBytes(question));
    console.log(
      `Python's ${question.function} of ${question.data} is ${JSON.stringify(fromBytes(connection.recvBytes()))}`,
    );
  }
  shareMemory(connection);
  connection.sendBytes(toBytes(null));
  connection.close();
}

// Only the name of the block travels: Python squares the numbers where they are.
function shareMemory(connection) {
  const block = new SharedMemory({ create: true, size: 1_000_000 * 8 });
  const numbers = new Float64Array(block.buf.buffer, 0, 1_000_000);
  for (let i = 0; i < numbers.length; i++) numbers[i] = i;
  connection.sendBytes(toBytes({ square: block.name, count: numbers.length }));
  const answer = fromBytes(connection.recvBytes());
  console.log(`Python has squared ${answer.squared} numbers in place; the last is ${numbers.at(-1)} now`);
  block.close();
  block.unlink();
}

// Python is the listener.
function sendToPython(address) {
  const connection = new Client({ address, authkey });
  connection.sendBytes(Buffer.alloc(1_000_000, 2));
  const { bytes, sum } = fromBytes(connection.recvBytes());
  console.log(`Python received ${bytes} bytes, whose sum is ${sum}`);
  connection.close();
}

async function main() {
  const listener = new Listener({ authkey });
  const python = spawn('python3', [script, listener.address], { stdio: ['pipe', 'pipe', 'inherit'] });
  python.stdin.end(`${authkey.toString('hex')}\n`); // not as an argument: those are for everybody to see
  const ended = once(python, 'exit');
  const addresses = once(createInterface({ input: python.stdout }), 'line');
  await askPython(listener);
  listener.close();
  const [line] = await addresses;
  sendToPython(JSON.parse(line));
  const [code] = await ended;
  console.log(`Python has ended with exit code ${code}`);
}

if (hasPython()) await main();
else console.log('There is no python3 here, so there is nobody to talk to.');
