/** The connection of a carrier to Redis: whether Redis answers, and what is the matter when it does not. */

import type { Redis } from 'ioredis';
import { BrokenExecutor } from '../errors.ts';
import { connect, type Endpoint, isRefusal, shownEndpoint } from './bullmq-connection.ts';

export class RedisLink {
  readonly redis: Redis;
  /** Called when Redis is there, or there again. */
  onReady: (again: boolean) => void = () => {};
  /** Called when Redis is there and will not have us. */
  onRefusal: (error: BrokenExecutor) => void = () => {};
  readonly #endpoint: Endpoint;
  #lastError: unknown;
  #awaySince: number | null = performance.now();
  #connections = 0;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
    this.redis = connect(endpoint);
    this.redis.on('error', (error) => this.noteError(error));
    this.redis.on('ready', () => {
      this.#awaySince = null;
      this.#lastError = undefined;
      this.onReady(this.#connections++ > 0);
    });
    this.redis.on('close', () => {
      this.#awaySince ??= performance.now();
    });
  }

  /** Whether Redis answers. */
  get isConnected(): boolean {
    return this.#awaySince === null;
  }

  /** Something has failed, here or on another connection to the same Redis. */
  noteError(error: unknown): void {
    this.#lastError = error;
    if (!isRefusal(error)) return;
    const where = shownEndpoint(this.#endpoint);
    this.onRefusal(new BrokenExecutor(`Redis (${where}) refuses: ${(error as Error).message}`, { cause: error }));
  }

  /** An error, if Redis has been away for more than so many seconds. */
  lateness(seconds: number): BrokenExecutor | null {
    const away = this.#awaySince === null ? 0 : (performance.now() - this.#awaySince) / 1000;
    if (away <= seconds) return null;
    const message = `Redis (${shownEndpoint(this.#endpoint)}) could not be reached for ${seconds} seconds`;
    return new BrokenExecutor(message, { cause: this.#lastError });
  }

  close(): void {
    this.redis.disconnect();
  }
}
