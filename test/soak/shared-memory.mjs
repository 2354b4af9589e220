/**
 * Families of programs that make, send, open, remove and forget blocks of shared memory, and are killed at any moment:
 * `node test/soak/shared-memory.mjs [SECONDS]` (60 by default). Ends with 1 if a block or a tracker is left.
 */

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Process, Queue } from 'threadwork/multiprocessing';
import { SharedMemory } from 'threadwork/multiprocessing/sharedMemory';

const PROGRAMS = 3;
const random = (n) => Math.floor(Math.random() * n);

/** One family: blocks come and go in a program and its children, for as long as it lives. */
function family() {
  const member = async (queue, depth) => {
    const kept = [];
    for (let round = 0; ; round++) {
      const block = new SharedMemory({ create: true, size: 1 + random(100_000) });
      block.buf[0] = round;
      kept.push(block);
      if (random(3) === 0) queue.put(block);
      if (random(4) === 0) {
        const other = queue.get(); // it may have been removed while it was under way
        other.buf[0]++;
        other.close();
      }
      if (depth > 0 && random(20) === 0) {
        const child = new Process({ target: member, args: [queue, depth - 1], daemon: random(2) === 0 });
        child.start();
        setTimeout(() => child.kill(), random(100));
      }
      while (kept.length > 5) {
        const old = kept.splice(random(kept.length), 1)[0];
        if (random(2) === 0) old.close();
        if (random(3) > 0) old.unlink();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const queue = new Queue();
  process.on('uncaughtException', () => {});
  void (async () => {
    for (;;) await member(queue, 1).catch(() => {});
  })();
}

const blocks = () => readdirSync('/dev/shm').filter((name) => name.startsWith('psm_'));
const trackers = () =>
  readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').endsWith('threadwork-resource-tracker\0');
    } catch {
      return false;
    }
  });

async function soak(seconds) {
  const before = { blocks: new Set(blocks()), trackers: new Set(trackers()) };
  const end = Date.now() + seconds * 1000;
  let killed = 0;
  let most = 0;
  const one = async () => {
    while (Date.now() < end) {
      const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'family'], {
        stdio: 'ignore',
        detached: true,
      });
      const ended = new Promise((resolve) => child.on('exit', resolve));
      await new Promise((resolve) => setTimeout(resolve, 50 + random(500)));
      most = Math.max(most, blocks().length);
      // The program alone, or all of its group at once.
      process.kill(random(2) === 0 ? child.pid : -child.pid, 'SIGKILL');
      await ended;
      killed++;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // All of the group have ended.
      }
    }
  };
  await Promise.all(Array.from({ length: PROGRAMS }, one));
  const left = () => ({
    blocks: blocks().filter((name) => !before.blocks.has(name)),
    trackers: trackers().filter((pid) => !before.trackers.has(pid)),
  });
  for (let i = 0; i < 100 && left().trackers.length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 50));
  const { blocks: found, trackers: running } = left();
  console.log(
    `${killed} families killed, up to ${most} blocks at once; left: ${found.length} blocks, ${running.length} trackers`,
  );
  process.exitCode = found.length === 0 && running.length === 0 && most > 0 ? 0 : 1;
}

if (process.argv[2] === 'family') family();
else await soak(Number(process.argv[2] ?? 60));
