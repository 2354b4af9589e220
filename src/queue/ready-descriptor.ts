import { readSync, writeSync } from 'node:fs';
import { loadLibc } from '../memory/libc.ts';
import type { SystemMemory } from '../memory/system-memory.ts';
import { awaitTurn } from '../memory/wait.ts';
import type { Channel } from './channel.ts';

const FLAG = new Uint8Array(1);

/** The objects that {@link ReadyDescriptor}s of this thread belong to, by their numbers. */
const owners = new Map<number, WeakRef<object>>();

/** Whose descriptor a number is, if it is one of this thread's. */
export function ownerOfDescriptor(number: number): object | undefined {
  return owners.get(number)?.deref();
}

/**
 * A real descriptor for what is no file: the reader of a FIFO in which a byte lies while the channel has something to
 * take. This thread's event loop puts the byte there; it is taken away when this thread receives what there was.
 */
export class ReadyDescriptor {
  readonly number: number;
  readonly #writer: number;
  readonly #memory: SystemMemory;
  readonly #channel: Channel;
  #raised = false;
  #giveUp: (() => void) | null = null;

  constructor(memory: SystemMemory, channel: Channel, owner: object) {
    this.#memory = memory;
    this.#channel = channel;
    [this.number, this.#writer] = loadLibc().pipe();
    owners.set(this.number, new WeakRef(owner));
    this.#watch();
  }

  /** Something was taken, or may have been. */
  adjust(): void {
    if (!this.#raised || this.#channel.ready) return;
    try {
      readSync(this.number, FLAG);
    } catch {
      // EAGAIN: somebody else has read what is not for reading.
    }
    this.#raised = false;
    this.#watch();
  }

  close(): void {
    this.#giveUp?.();
    owners.delete(this.number);
    const libc = loadLibc();
    libc.close(this.number);
    libc.close(this.#writer);
  }

  #watch(): void {
    const raise = (): void => {
      this.#giveUp = null;
      this.#raised = true;
      writeSync(this.#writer, FLAG);
      this.#channel.passOn();
    };
    const giveUp = awaitTurn(this.#memory, this.#channel.readiness(), raise, () => {});
    if (!this.#raised) this.#giveUp = giveUp;
  }
}
