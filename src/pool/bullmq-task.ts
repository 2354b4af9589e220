import { localMemory } from '../memory/local-memory.ts';
import { dumpsError } from '../pickle/index.ts';
import type { SimpleQueue } from '../queue/threading.ts';
import type { Order } from './bullmq-order.ts';
import type { FutureCell } from './future-cell.ts';
import type { FutureSource } from './future-source.ts';
import type { Mailbox } from './mailbox.ts';
import type { Destination } from './settle.ts';
import { clock, RUNNING, slot } from './slots.ts';
import type { StoppableTasks } from './task-limits.ts';
import { shareTask } from './task-source.ts';

/** So often a running task is told to stop: what tells it may be lost with the connection. */
const AGAIN_MILLISECONDS = 1000;

/** A task that was given to Redis. Its carrier, a thread, settles it in shared memory. */
export class BullMQTask implements FutureSource, StoppableTasks {
  readonly kind = 'local';
  readonly to: Destination;
  readonly number: number;
  readonly #mailbox: Mailbox;
  readonly #orders: SimpleQueue<Order>;
  #toldAt = 0;

  constructor(mailbox: Mailbox, index: number, number: number, orders: SimpleQueue<Order>) {
    const at = mailbox.slots.address(index);
    this.to = { slot: at, mailbox: mailbox.payload, use: slot.use(mailbox.memory, at) };
    this.number = number;
    this.#mailbox = mailbox;
    this.#orders = orders;
  }

  cancel(): boolean {
    if (!slot.cancel(localMemory(), this.to.slot, this.to.use)) return false;
    this.#orders.put({ what: 'cancel', number: this.number });
    return true;
  }

  isRunning(): boolean {
    return slot.state(localMemory(), this.to.slot) === RUNNING;
  }

  /** Its worker stops it, and what it runs on if need be. */
  askToStop(_task: number, reason: unknown): void {
    this.#toldAt = clock();
    const { bytes } = dumpsError(reason, 'cluster');
    this.#orders.put({ what: 'stop', number: this.number, reason: bytes.slice() });
  }

  stop(task: number, error: unknown): boolean {
    if (clock() - this.#toldAt >= AGAIN_MILLISECONDS) this.askToStop(task, error);
    return false;
  }

  whileWaiting(beat: () => void): () => void {
    return this.#mailbox.whileWaiting(beat);
  }

  share(): FutureCell {
    return shareTask(localMemory(), this.to.slot);
  }

  beforeBlocking(): () => void {
    return nothing;
  }

  whileAwaited(): () => void {
    return nothing;
  }
}

function nothing(): void {}
