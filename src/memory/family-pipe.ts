/**
 * A pipe whose writing end every process of a family holds from its birth to its end, however it ends: who reads it
 * hears from all of them, and comes to its end when the last of them has ended.
 */

import { FAMILY_PIPE } from './layout.ts';
import { loadLibc } from './libc.ts';
import { localMemory } from './local-memory.ts';

/** This process's descriptor of the pipe; it does not block. Made on first use, at the latest when a child is started. */
export function familyPipe(): number {
  const known = familyPipeHere();
  if (known !== null) return known;
  const libc = loadLibc();
  const [reader, writer] = libc.pipe();
  libc.close(reader); // who wants to read opens it again
  const other = Atomics.compareExchange(localMemory().i32, FAMILY_PIPE, 0, writer + 1);
  if (other === 0) return writer;
  libc.close(writer); // another thread was faster
  return other - 1;
}

/** The descriptor of the pipe, `null` if this family has none yet. */
export function familyPipeHere(): number | null {
  const stored = Atomics.load(localMemory().i32, FAMILY_PIPE);
  return stored === 0 ? null : stored - 1;
}

/** Tells a child process which descriptor its parent passed on. */
export function inheritFamilyPipe(descriptor: number): void {
  Atomics.store(localMemory().i32, FAMILY_PIPE, descriptor + 1);
}
