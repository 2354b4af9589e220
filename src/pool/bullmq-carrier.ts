/**
 * The thread that talks to Redis for an executor over BullMQ. It takes orders from a queue in shared memory and settles
 * futures there, as a worker of a pool does: so the thread that has submitted may block for a result.
 *
 * A task goes into a queue of BullMQ as a job (bullmq-dispatch.ts); the worker that takes it out says so, and how it has
 * ended, in a stream that this executor alone reads (bullmq-notices.ts).
 */

import { BrokenExecutor } from '../errors.ts';
import { registerClass } from '../pickle/index.ts';
import type { SimpleQueue } from '../queue/threading.ts';
import { Dispatch } from './bullmq-dispatch.ts';
import { RedisLink } from './bullmq-link.ts';
import { Notices } from './bullmq-notices.ts';
import type { CarrierSettings, Order } from './bullmq-order.ts';
import { TaskParcel } from './bullmq-parcel.ts';

/** So many orders are taken in one go. */
const BATCH = 500;
const LOOK_MILLISECONDS = 500;
const FAREWELL_MILLISECONDS = 2000;

class Carrier {
  readonly #link: RedisLink;
  readonly #dispatch: Dispatch;
  readonly #notices: Notices;

  constructor(settings: CarrierSettings) {
    this.#link = new RedisLink(settings.endpoint);
    this.#dispatch = new Dispatch(settings, this.#link);
    this.#notices = new Notices(this.#link, this.#dispatch);
  }

  /** Carries until all is done that was ordered. */
  async carry(orders: SimpleQueue<Order>): Promise<void> {
    const looking = setInterval(() => this.#dispatch.look(), LOOK_MILLISECONDS);
    const reading = this.#notices.read();
    try {
      await Promise.race([this.#obey(orders), reading]);
      await Promise.race([this.#dispatch.finish(), reading]);
    } finally {
      clearInterval(looking);
      await this.#leave();
    }
  }

  /** Ends all that is under way. */
  failAll(error: Error): void {
    this.#dispatch.failAll(error);
  }

  /** Does what is ordered, until no other order will come. */
  async #obey(orders: SimpleQueue<Order>): Promise<void> {
    let closing = false;
    while (!closing) {
      const batch: Order[] = [await orders.getAsync()];
      while (batch.length < BATCH && !orders.empty()) batch.push(orders.getNowait());
      const sent: TaskParcel[] = [];
      for (const order of batch) {
        if (order.what === 'run') sent.push(this.#dispatch.take(order));
        else if (order.what === 'close') closing = true;
        else {
          const parcel = this.#dispatch.find(order.number);
          if (parcel === undefined) continue;
          if (order.what === 'cancel') this.#dispatch.drop(parcel);
          else this.#dispatch.stop(parcel, order.reason);
        }
      }
      if (sent.length > 0) void this.#dispatch.send(sent);
    }
  }

  async #leave(): Promise<void> {
    for (const parcel of this.#dispatch.parcels.values()) parcel.drop();
    const farewell = this.#link.isConnected
      ? this.#notices.remove().then(() => this.#dispatch.close())
      : Promise.resolve();
    const late = new Promise<void>((resolve) => setTimeout(resolve, FAREWELL_MILLISECONDS).unref());
    await Promise.race([farewell.catch(() => {}), late]);
    this.#notices.close();
    this.#link.close();
  }
}

/** What the thread of a carrier runs. */
export async function carry(orders: SimpleQueue<Order>, settings: CarrierSettings): Promise<void> {
  let carrier: Carrier | null = null;
  try {
    carrier = new Carrier(settings);
    await carrier.carry(orders);
  } catch (error) {
    const broken = new BrokenExecutor(`the way to Redis has broken down: ${(error as Error).message}`, {
      cause: error,
    });
    carrier?.failAll(broken);
    await refuseAll(orders, settings, broken);
  }
}

/** Every task that is still given to it ends with the error. */
async function refuseAll(orders: SimpleQueue<Order>, { executor }: CarrierSettings, error: Error): Promise<void> {
  for (;;) {
    const order = await orders.getAsync();
    if (order.what === 'close') return;
    if (order.what === 'run') new TaskParcel(`${executor}-${order.number}`, order).fail(error);
  }
}

registerClass('bullmq:carry', carry as never);
