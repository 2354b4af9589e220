import { loadLibc } from '../memory/libc.ts';
import { WAITABLE } from '../queue/connection.ts';
import type { Waitable } from '../queue/waitable.ts';
import { hasEnded } from './children.ts';
import { descriptorWaitable } from './descriptor.ts';
import type { ProcessRecord } from './record.ts';

const descriptors = new FinalizationRegistry<number>((descriptor) => loadLibc().close(descriptor));
const sentinels = new Map<number, WeakRef<Sentinel>>();

/** Stands for the end of a process, wherever things are waited for together. */
export class Sentinel {
  readonly #record: ProcessRecord;
  #descriptor = -1;

  private constructor(record: ProcessRecord) {
    this.#record = record;
  }

  /** @internal The same object for the same process. */
  static of(record: ProcessRecord): Sentinel {
    const known = sentinels.get(record.place.base)?.deref();
    if (known !== undefined && known.#record.pid === record.pid) return known;
    const sentinel = new Sentinel(record);
    sentinels.set(record.place.base, new WeakRef(sentinel));
    return sentinel;
  }

  /** Whether the process has ended. */
  get ready(): boolean {
    return hasEnded(this.#record);
  }

  /** @internal How it is waited for together with others. */
  get [WAITABLE](): Waitable {
    const descriptor = this.fileno();
    if (descriptor !== -1) return descriptorWaitable(descriptor);
    return { isReady: () => true, waitAsync: async () => true };
  }

  /** A descriptor that becomes readable when the process ends (a `pidfd`); -1 once it has been reaped. */
  fileno(): number {
    if (this.#descriptor === -1) {
      this.#descriptor = loadLibc().pidfdOpen(this.#record.pid);
      if (this.#descriptor !== -1) descriptors.register(this, this.#descriptor);
    }
    return this.#descriptor;
  }
}
