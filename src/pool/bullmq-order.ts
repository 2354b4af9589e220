/** What an executor over BullMQ tells its carrier, the thread that talks to Redis for it. */

import type { Endpoint } from './bullmq-connection.ts';
import type { Destination } from './settle.ts';

/** A task is to be run. */
export interface RunOrder {
  what: 'run';
  /** Number of the task, unique in the executor. */
  number: number;
  to: Destination;
  mode: number;
  timeout: number | null;
  fn: Uint8Array;
  /** Empty: there are none. */
  args: Uint8Array;
}

/** A task was cancelled before anything was heard of its start. */
export interface CancelOrder {
  what: 'cancel';
  number: number;
}

/** A running task is to stop; `reason` is pickled. */
export interface StopOrder {
  what: 'stop';
  number: number;
  reason: Uint8Array;
}

/** No other order will come. */
export interface CloseOrder {
  what: 'close';
}

export type Order = RunOrder | CancelOrder | StopOrder | CloseOrder;

/** What a carrier has to know. */
export interface CarrierSettings {
  endpoint: Endpoint;
  queue: string;
  prefix: string;
  /** Number of the executor: 16 hexadecimal digits. */
  executor: string;
  key: Uint8Array;
  root: string;
  attempts: number;
  keep: number;
  /** Seconds that Redis may be away. */
  reconnectTimeout: number;
}
