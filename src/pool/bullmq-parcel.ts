import { localMemory } from '../memory/local-memory.ts';
import type { RunOrder } from './bullmq-order.ts';
import { DROPPED, post, STARTED, shortMail } from './mail.ts';
import { type Destination, settleGoneTask, settlePickled } from './settle.ts';
import { CANCELLED, clock, QUEUED, slot, TELL_START } from './slots.ts';

/** Where a task is, as far as it is known here. */
export type Whereabouts =
  /** It is being put into Redis, or put there again. */
  | 'leaving'
  /** It waits in Redis. */
  | 'queued'
  /** A worker runs it. */
  | 'running'
  /** It is to be taken out of Redis; what is left of it does not matter to anybody. */
  | 'dropped'
  /** Its worker is gone; it is to be taken out of Redis, and put there again. */
  | 'lost';

/** A task on its way to a worker, and its slot in the memory of who has submitted it. */
export class TaskParcel {
  readonly id: string;
  /** What it is made of; let go of as soon as it cannot be needed again. */
  order: RunOrder | null;
  whereabouts: Whereabouts = 'leaving';
  /** Whether it is under way into Redis just now. */
  isLeaving = false;
  /** Whether it may be in Redis. */
  wasSent = false;
  /** How often a worker has begun with it. */
  starts = 0;
  /** Who runs it: its number, its beat at the start, and what it is called. */
  worker = '';
  beat = 0;
  where = '';
  /** How many looks in a row have found nothing of it where it should be. */
  misses = 0;
  readonly #to: Destination;

  constructor(id: string, order: RunOrder) {
    this.id = id;
    this.order = order;
    this.#to = order.to;
  }

  /** Whether it was cancelled, here or by another thread that has the future. */
  get isCancelled(): boolean {
    const { slot: at, use } = this.#to;
    return slot.isCancelled(localMemory(), at, use);
  }

  /** A worker has begun with it. @returns false: nobody wants that any more. */
  begin(): boolean {
    const memory = localMemory();
    const { slot: at, mailbox, use } = this.#to;
    if (slot.use(memory, at) !== use || slot.state(memory, at) === CANCELLED) return false;
    if (slot.state(memory, at) !== QUEUED) return true; // once more
    if (!slot.claim(memory, at, use, 0)) return false;
    slot.start(memory, at, clock());
    if ((slot.flags(memory, at) & TELL_START) !== 0) post(memory, mailbox, shortMail(memory, at, use, STARTED));
    return true;
  }

  /** It has ended. The news of its start may have been lost. */
  end(failed: boolean, bytes: Uint8Array): void {
    if (this.begin()) settlePickled(localMemory(), this.#to, failed, bytes);
    else this.drop();
  }

  fail(error: Error): void {
    if (this.isCancelled) this.drop();
    else settleGoneTask(localMemory(), this.#to, error);
  }

  /** It was cancelled, and nothing will be heard of it. */
  drop(): void {
    const memory = localMemory();
    const { slot: at, mailbox, use } = this.#to;
    if (slot.isCancelled(memory, at, use)) post(memory, mailbox, shortMail(memory, at, use, DROPPED));
  }
}
