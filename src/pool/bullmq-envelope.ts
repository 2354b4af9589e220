/**
 * What goes through Redis, signed. A function by value is code: who can write into Redis could have a worker run
 * anything, were it not that both sides know a secret, the `authkey`.
 *
 * ```
 * envelope  32 bytes   HMAC-SHA256 with the key over the kind of envelope, a line feed and all that follows
 *            4 bytes   length of the head (little-endian)
 *           …          the head: a plain object as JSON
 *           …          the body: pickled values
 * ```
 *
 * The head says which task it is about, so that nothing signed for one task is good for another.
 */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { PicklingError, ValueError } from '../errors.ts';
import { describe } from '../sync/timeout.ts';

const MAC_BYTES = 32;
const FRONT_BYTES = MAC_BYTES + 4;
const VARIABLE = 'THREADWORK_AUTHKEY';

/** So many bytes Redis takes in one piece (512 MB), of which BullMQ makes a text that is a third longer. */
const LARGEST = 380_000_000;

/** @throws PicklingError it is more than Redis takes. */
export function checkSize(bytes: number, what: string): void {
  if (bytes <= LARGEST) return;
  throw new PicklingError(
    `${what} cannot be sent to another machine: pickled it has ${bytes} bytes, and Redis takes ${LARGEST} at most; ` +
      'keep the data where both can read it, and send its name',
  );
}

/** Of a task, of what a worker says of one, of an order to a worker, and of a sign of life. */
export type EnvelopeKind = 'task' | 'notice' | 'order' | 'beat';

/**
 * The secret as bytes: what is given, or else the environment variable THREADWORK_AUTHKEY. There is no default: whoever
 * reaches Redis, on this machine as on others, could guess that.
 * @throws ValueError there is none, or it is empty. @throws TypeError it is neither text nor bytes.
 */
export function authkeyOf(given: string | Uint8Array | null | undefined, who: string): Uint8Array {
  const key = given ?? process.env[VARIABLE];
  if (key === undefined) {
    throw new ValueError(
      `${who}: needs the secret that it shares with the workers, since tasks are code: give { authkey }, or set the ` +
        `environment variable ${VARIABLE}`,
    );
  }
  if (typeof key !== 'string' && !(key instanceof Uint8Array)) {
    throw new TypeError(`${who}: authkey must be a text or a Uint8Array, not ${describe(key)}`);
  }
  if (key.length === 0) throw new ValueError(`${who}: authkey must not be empty`);
  return typeof key === 'string' ? new TextEncoder().encode(key) : Uint8Array.from(key);
}

/** Seals and opens envelopes with one key. */
export class Seal {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  close(kind: EnvelopeKind, head: object, ...body: readonly Uint8Array[]): Buffer {
    const text = Buffer.from(JSON.stringify(head));
    const front = Buffer.alloc(FRONT_BYTES);
    front.writeUInt32LE(text.length, MAC_BYTES);
    const envelope = Buffer.concat([front, text, ...body]);
    this.#mac(kind, envelope).copy(envelope);
    return envelope;
  }

  /** What is in it; null: it was not sealed with this key, or is something else. */
  open<H extends object>(kind: EnvelopeKind, envelope: Buffer): { head: H; body: Buffer } | null {
    if (envelope.length < FRONT_BYTES) return null;
    if (!timingSafeEqual(envelope.subarray(0, MAC_BYTES), this.#mac(kind, envelope))) return null;
    const end = FRONT_BYTES + envelope.readUInt32LE(MAC_BYTES);
    const head = JSON.parse(envelope.toString('utf8', FRONT_BYTES, end)) as H;
    return { head, body: envelope.subarray(end) };
  }

  #mac(kind: EnvelopeKind, envelope: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(`threadwork ${kind}\n`).update(envelope.subarray(MAC_BYTES)).digest();
  }
}

/** The head of a task's envelope. */
export interface TaskHead {
  id: string;
  /** Where the sender has the project: a `file:` URL. */
  root: string;
  /** Seconds it may take from its start on. */
  timeout: number | null;
  /** How often it may be begun, if workers die over it. */
  attempts: number;
  /** Seconds that news of it are kept for a sender that does not ask. */
  keep: number;
  /** See task-message.ts. */
  mode: number;
  /** Bytes of the body that are the function; its arguments follow, if there are any. */
  fn: number;
}

/** The head of what a worker says of a task. */
export interface NoticeHead {
  id: string;
  /** `exhausted`: it has been begun as often as it may. */
  what: 'started' | 'value' | 'thrown' | 'exhausted';
  worker: string;
  /** The beat of the worker when it began; see {@link Beat}. */
  beat: number;
  /** `host, process 123`, for messages. */
  where: string;
}

/** The head of an order to a worker: a task is to stop, for the reason in the body. */
export interface OrderHead {
  id: string;
}

/** A sign of life of a worker, with what it runs. */
export interface Beat {
  number: number;
  tasks: string[];
}

/** Says, unsigned, that a worker has met a task that is not sealed with its key. */
export const REFUSED = 'refused';

/** Names in Redis. BullMQ has its own below the same queue. */
export class Names {
  readonly #base: string;

  constructor(prefix: string, queue: string) {
    this.#base = `${prefix}:${queue}`;
  }

  /** Of the notices to one executor, whose number begins the ids of its tasks. */
  notices(executor: string): string {
    return `${this.#base}:threadwork:notices:${executor}`;
  }

  /** Of a worker's signs of life. */
  beat(worker: string): string {
    return `${this.#base}:threadwork:worker:${worker}`;
  }

  /** Pattern of those of all workers. */
  get beats(): string {
    return `${this.#base.replace(/[\\*?[\]]/g, '\\$&')}:threadwork:worker:*`;
  }

  /** Of the channel with orders to a worker. */
  orders(worker: string): string {
    return `${this.#base}:threadwork:orders:${worker}`;
  }

  /** Of a job of BullMQ. */
  job(id: string): string {
    return `${this.#base}:${id}`;
  }
}

/** Whose task it is, by its id; null: it is none of ours. */
export function executorOf(id: string | undefined): string | null {
  return /^([0-9a-f]{16})-\d+$/.exec(id ?? '')?.[1] ?? null;
}
