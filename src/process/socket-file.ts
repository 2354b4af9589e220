/**
 * The files of Unix sockets that this process listens at, as a list in the local block: a daemon thread is stopped
 * where it stands, so that the main thread removes what it leaves behind.
 *
 * ```
 * node  +0 NEXT  +1 INODE_LOW  +2 INODE_HIGH  +3 FRESH: the folder is ours too  +4 LENGTH  +5.. the path in bytes
 * ```
 */

import { lstatSync, rmdirSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { SOCKET_FILES_HEAD, SOCKET_FILES_LOCK } from '../memory/layout.ts';
import { localMemory } from '../memory/local-memory.ts';
import { acquireSpinLock, releaseSpinLock } from '../memory/spin-lock.ts';
import { whenStartedThreadsHaveEnded } from '../thread/shutdown.ts';

const NEXT = 0;
const INODE_LOW = 1;
const INODE_HIGH = 2;
const FRESH = 3;
const LENGTH = 4;
const PATH = 5;

/** Notes a file that `bind` has just made. @param fresh its folder was made for it */
export function enterSocketFile(path: string, fresh: boolean): number {
  const memory = localMemory();
  const bytes = Buffer.from(path);
  const node = memory.heap.allocate(PATH * 4 + bytes.length);
  const w = memory.i32;
  const inode = inodeOf(path);
  w[node + INODE_LOW] = inode | 0;
  w[node + INODE_HIGH] = Math.floor(inode / 2 ** 32);
  w[node + FRESH] = fresh ? 1 : 0;
  w[node + LENGTH] = bytes.length;
  memory.u8.set(bytes, (node + PATH) * 4);
  acquireSpinLock(memory, SOCKET_FILES_LOCK);
  w[node + NEXT] = w[SOCKET_FILES_HEAD];
  Atomics.store(w, SOCKET_FILES_HEAD, node);
  releaseSpinLock(memory, SOCKET_FILES_LOCK);
  return node;
}

/** Removes a file, unless somebody has done so, or another one stands in its place. */
export function removeSocketFile(node: number): void {
  const memory = localMemory();
  const w = memory.i32;
  acquireSpinLock(memory, SOCKET_FILES_LOCK);
  let link = SOCKET_FILES_HEAD;
  while (w[link] !== 0 && w[link] !== node) link = w[link] + NEXT;
  const found = w[link] === node;
  if (found) Atomics.store(w, link, w[node + NEXT]);
  releaseSpinLock(memory, SOCKET_FILES_LOCK);
  if (!found) return;
  const from = (node + PATH) * 4;
  const path = Buffer.from(memory.u8.slice(from, from + w[node + LENGTH])).toString();
  const inode = (w[node + INODE_LOW] >>> 0) + w[node + INODE_HIGH] * 2 ** 32;
  const fresh = w[node + FRESH] === 1;
  memory.heap.free(node);
  try {
    if (inodeOf(path) === inode) unlinkSync(path);
    if (fresh) rmdirSync(dirname(path));
  } catch {
    // Somebody else was faster, or has put something into the folder.
  }
}

function inodeOf(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.ino ?? -1;
}

whenStartedThreadsHaveEnded(() => {
  const w = localMemory().i32;
  for (let node = Atomics.load(w, SOCKET_FILES_HEAD); node !== 0; node = Atomics.load(w, SOCKET_FILES_HEAD)) {
    removeSocketFile(node);
  }
});
