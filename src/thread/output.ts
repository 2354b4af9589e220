import { fstatSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Writes everything to a descriptor before it returns, also when that is a pipe that is full just now. */
export function writeFully(descriptor: number, data: Uint8Array | string): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') return; // nobody reads any more
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

/**
 * Lets this worker write to the terminal itself. Node relays a worker's output through the event loop of the thread
 * that made it, which prints nothing while that thread blocks.
 */
export function writeDirectly(): void {
  for (const [stream, descriptor] of [
    [process.stdout, 1],
    [process.stderr, 2],
  ] as const) {
    // The stream itself stays: Node's own code in the worker talks to it about its reader.
    Object.assign(stream as unknown as Writable, {
      fd: descriptor,
      isTTY: isTerminal(descriptor),
      _writev: null,
      _write(chunk: Buffer | string, encoding: BufferEncoding, callback: () => void): void {
        writeFully(descriptor, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
        callback();
      },
    });
  }
}

/** Loading `node:tty`, which brings the network with it, takes longer than all the rest of a thread's start. */
function isTerminal(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice() && process.getBuiltinModule('node:tty').isatty(descriptor);
  } catch {
    return false;
  }
}
