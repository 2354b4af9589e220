import { loadLibc } from '../memory/libc.ts';
import { hasEnded } from './children.ts';
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

  /** A descriptor that becomes readable when the process ends (a `pidfd`); -1 once it has been reaped. */
  fileno(): number {
    if (this.#descriptor === -1) {
      this.#descriptor = loadLibc().pidfdOpen(this.#record.pid);
      if (this.#descriptor !== -1) descriptors.register(this, this.#descriptor);
    }
    return this.#descriptor;
  }
}
