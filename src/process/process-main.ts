import { inspect } from 'node:util';
import { inheritFamilyPipe } from '../memory/family-pipe.ts';
import { Place } from '../memory/handle.ts';
import { loadLibc, useKoffi } from '../memory/libc.ts';
import { beMainThread } from '../memory/role.ts';
import { inheritSystemMemory, systemMemory } from '../memory/system-memory.ts';
import { prepareLoader, setMainModule } from '../pickle/index.ts';
import { unpackParcel } from '../queue/parcel.ts';
import { writeFully } from '../thread/output.ts';
import { becomeProcess } from './here.ts';
import type { ProcessJob } from './job.ts';
import { BLOCK_DESCRIPTOR, DESK_VARIABLE, PIPE_DESCRIPTOR } from './launch.ts';
import { logAsParent } from './logger.ts';
import { ProcessRecord } from './record.ts';

const SIGKILL = 9;

/** The program of every child process: maps the block, waits for what to run, and runs it. */
export async function runChild(): Promise<void> {
  beMainThread();
  // Told, not asked: the parent may have been killed before this process could ask.
  const [numbers, koffi] = String(process.env[DESK_VARIABLE]).split(';');
  const [desk, parent] = numbers.split(':').map(Number);
  if (koffi) useKoffi(koffi);
  delete process.env[DESK_VARIABLE];
  inheritSystemMemory(BLOCK_DESCRIPTOR);
  inheritFamilyPipe(PIPE_DESCRIPTOR);
  const memory = systemMemory();
  await prepareLoader();
  while (Atomics.load(memory.i32, desk) === 0) {
    memory.wait(desk, 0, 250);
    if (process.ppid !== parent && Atomics.load(memory.i32, desk) === 0) process.exit(1);
  }
  const record = new ProcessRecord(new Place(memory, Atomics.load(memory.i32, desk)));
  if (record.endsWithParent) dieWith(parent);
  await run(record);
}

async function run(record: ProcessRecord): Promise<void> {
  const { holdings } = systemMemory();
  try {
    // Code that runs while the job is read, such as a class's static block, may ask which process this is.
    holdings.hold(record.place.base);
    becomeProcess(record.place.base, 0);
    const job = await unpackParcel<ProcessJob>(systemMemory(), record.takeJob());
    setMainModule(job.main);
    process.argv = [process.argv[0], ...job.argv.slice(1)];
    if (process.cwd() !== job.cwd) process.chdir(job.cwd);
    becomeProcess(record.place.base, job.parent.place.base);
    holdings.hold(job.parent.place.base);
    job.process.adopt(job);
    logAsParent(job.log);
    await job.process.run();
  } catch (error) {
    writeFully(2, `Process ${record.name}:\n${inspect(error)}\n`);
    process.exitCode = 1;
  }
}

/** Has the kernel end this process with its parent; that may have ended before the kernel was asked. */
function dieWith(parent: number): void {
  loadLibc().setParentDeathSignal(SIGKILL);
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}
