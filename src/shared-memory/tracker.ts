/**
 * The resource tracker: a small process that outlives the program and removes the blocks that it has left behind, as
 * CPython's does, also after `kill -9`. It is a shell of a megabyte, started when the first block is tracked. It reads
 * the family's pipe, line by line: `+name` is a block to remove at the end, `-name` one that has been removed. The
 * pipe ends when all processes of the family have ended.
 */

import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { OSError } from '../errors.ts';
import { familyPipe, familyPipeHere } from '../memory/family-pipe.ts';
import { TRACKER_LOCK, TRACKER_PID } from '../memory/layout.ts';
import { acquireSpinLock, releaseSpinLock } from '../memory/spin-lock.ts';
import { systemMemory } from '../memory/system-memory.ts';

/** Blocks are removed before anything is printed: nobody may be there to read it. */
const SCRIPT = `
trap '' HUP INT QUIT TERM PIPE
nl='
'
names=$nl
while IFS= read -r line; do
  name=\${line#?}
  case $names in
    *"$nl$name$nl"*) names=\${names%%"$nl$name$nl"*}$nl\${names#*"$nl$name$nl"} ;;
  esac
  case $line in
    +*) names=$names$name$nl ;;
  esac
done
set -f
IFS=$nl
set -- $names
cd /dev/shm || exit 1
left=0
removed=
for name; do
  [ -e "./$name" ] || continue
  left=$((left + 1))
  removed="$removed $name"
  rm -f "./$name"
done
[ $left -eq 0 ] ||
  echo "resource_tracker: There appear to be $left leaked shared_memory objects to clean up at shutdown:$removed" >&2
`;

/** What this thread has entered, for a tracker that has to be started anew. */
const tracked = new Set<string>();

/**
 * Has a block removed when the family has ended.
 * @throws OSError the tracker cannot be started.
 */
export function track(name: string): void {
  const w = systemMemory().i32;
  if (Atomics.load(w, TRACKER_PID) === 0) startAfter(0);
  tell(`+${name}\n`);
  tracked.add(name);
}

/** A block has been removed. */
export function untrack(name: string): void {
  tracked.delete(name);
  if (familyPipeHere() === null || Atomics.load(systemMemory().i32, TRACKER_PID) === 0) return;
  tell(`-${name}\n`);
}

/** Lines are far shorter than what the kernel writes to a pipe in one piece. */
function tell(line: string): void {
  for (;;) {
    const tracker = Atomics.load(systemMemory().i32, TRACKER_PID);
    try {
      writeSync(familyPipe(), line);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') systemMemory().nap(1);
      else if (code === 'EPIPE') restartAfter(tracker);
      else throw error;
    }
  }
}

/** Somebody has killed the tracker. */
function restartAfter(dead: number): void {
  if (!startAfter(dead)) return;
  process.emitWarning(
    'resource_tracker: process died unexpectedly, relaunching. Some blocks of shared memory might leak.',
  );
  for (const name of tracked) tell(`+${name}\n`);
}

/** Starts the tracker, if the last one is still `before`. */
function startAfter(before: number): boolean {
  const system = systemMemory();
  acquireSpinLock(system, TRACKER_LOCK);
  try {
    if (Atomics.load(system.i32, TRACKER_PID) !== before) return false;
    Atomics.store(system.i32, TRACKER_PID, start());
    return true;
  } finally {
    releaseSpinLock(system, TRACKER_LOCK);
  }
}

function start(): number {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const reader = openSync(`/proc/self/fd/${familyPipe()}`, constants.O_RDONLY);
  // In a session of its own: what ends the program's process group, or its terminal, does not reach it.
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'threadwork-resource-tracker'], {
    stdio: [reader, 'ignore', 'inherit'],
    detached: true,
    cwd: '/',
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
  });
  closeSync(reader);
  child.unref();
  child.on('error', () => {});
  if (child.pid !== undefined) {
    awaitDeaf(child.pid);
    return child.pid;
  }
  throw new OSError(
    'SharedMemory: the process that removes blocks after the end of the program cannot be started: it needs /bin/sh; ' +
      'pass track: false and see to it that unlink() is called',
  );
}

/** How long a shell may take to get to its first line. */
const START_MILLISECONDS = 1000;
/** The bit of SIGTERM in the kernel's masks. */
const TERM = 1n << 14n;

/** Waits until the tracker no longer ends at a signal: one that came before would end it, and nobody would notice. */
function awaitDeaf(pid: number): void {
  const memory = systemMemory();
  for (const deadline = performance.now() + START_MILLISECONDS; performance.now() < deadline; memory.nap(0.3)) {
    let status: string;
    try {
      status = readFileSync(`/proc/${pid}/status`, 'latin1');
    } catch {
      return; // it is gone already: the first line to it will find that out
    }
    const ignored = /^SigIgn:\s*([0-9a-f]+)/m.exec(status)?.[1];
    if (ignored !== undefined && (BigInt(`0x${ignored}`) & TERM) !== 0n) return;
  }
}
