/** The way to Redis: what users say of it, and the two packages that go it, which are loaded when they are needed. */

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type * as BullMQ from 'bullmq';
import type { Redis, RedisOptions } from 'ioredis';
import { RuntimeError, ValueError } from '../errors.ts';
import { describe } from '../sync/timeout.ts';

/** Where Redis is: a part of the options of ioredis, of which the others have no effect. */
export interface RedisAddress {
  /** A name or an address (default `127.0.0.1`). */
  host?: string;
  /** Default 6379. */
  port?: number;
  /** A Unix socket, in place of host and port. */
  path?: string;
  /** 4 or 6: which addresses a name stands for. */
  family?: number;
  username?: string;
  password?: string;
  /** Number of the database (default 0). */
  db?: number;
  /** Options of `tls.connect`, without functions; `{}` for their defaults. */
  tls?: object;
  /** Sentinels that know where Redis is, with the name of the group. */
  sentinels?: readonly { host?: string; port?: number }[];
  name?: string;
  sentinelUsername?: string;
  sentinelPassword?: string;
}

/** A client of ioredis, from which the address is taken. */
export interface RedisLike {
  readonly options: object;
  defineCommand(name: string, definition: object): unknown;
}

/** How Redis may be named: by a `redis:` or `rediss:` URL, by its address, or by a client of ioredis. */
export type RedisConnection = string | URL | RedisAddress | RedisLike;

/** The address in a form that other threads can be sent. */
export type Endpoint = { url: string } | { address: RedisAddress };

const KEYS: (keyof RedisAddress)[] = [
  'host',
  'port',
  'path',
  'family',
  'username',
  'password',
  'db',
  'tls',
  'sentinels',
  'name',
  'sentinelUsername',
  'sentinelPassword',
];

/** @throws TypeError it names no Redis. @throws ValueError the URL is none of Redis. No message shows a password. */
export function checkConnection(given: unknown, who: string): Endpoint {
  if (typeof given === 'string' || given instanceof URL) {
    const text = String(given);
    if (!/^rediss?:\/\//.test(text) || !URL.canParse(text)) {
      throw new ValueError(`${who}: connection must be a URL like redis://host:6379, and this text is none`);
    }
    return { url: text };
  }
  if (given === undefined || given === null) return { address: {} };
  if (typeof given !== 'object') {
    throw new TypeError(
      `${who}: connection must be a URL, { host, port } or a client of ioredis, not ${describe(given)}`,
    );
  }
  const { isCluster, defineCommand, options } = given as { isCluster?: boolean } & Partial<RedisLike>;
  if (isCluster) throw new TypeError(`${who}: a Redis Cluster is not supported; name a single Redis`);
  const source = (typeof defineCommand === 'function' ? options : given) as Record<string, unknown>;
  const address: Record<string, unknown> = {};
  for (const key of KEYS) if (source[key] !== undefined && source[key] !== null) address[key] = source[key];
  const { port, host } = address;
  if (port !== undefined && !(Number.isInteger(Number(port)) && Number(port) > 0 && Number(port) < 65536)) {
    throw new ValueError(`${who}: connection.port must be a number from 1 to 65535, not ${describe(port)}`);
  }
  if (host !== undefined && typeof host !== 'string') {
    throw new TypeError(`${who}: connection.host must be a text, not ${describe(host)}`);
  }
  return { address: address as RedisAddress };
}

/** How messages call it: without name and password. */
export function shownEndpoint(endpoint: Endpoint): string {
  if ('url' in endpoint) return new URL(endpoint.url).host || 'localhost';
  const { path, host = '127.0.0.1', port = 6379, sentinels, name } = endpoint.address;
  if (sentinels !== undefined) return `the sentinels of ${name}`;
  return path ?? `${host}:${port}`;
}

/** Finds a package as this library would, or else as the program in this folder would. @throws RuntimeError */
function findPackage(name: string): { require: NodeJS.Require; path: string } {
  for (const place of [import.meta.url, pathToFileURL(`${process.cwd()}/`).href]) {
    const require = createRequire(place);
    try {
      return { require, path: require.resolve(name) };
    } catch {
      // Perhaps at the other place.
    }
  }
  throw new RuntimeError(
    `threadwork/futures/bullmq: the package ${name} is not installed; run "npm install bullmq ioredis"`,
  );
}

function requirePackage(name: string): unknown {
  const { require, path } = findPackage(name);
  return require(path);
}

/** @throws RuntimeError one of the packages is not installed; it says what to do. */
export function checkPackages(): void {
  for (const name of ['bullmq', 'ioredis']) findPackage(name);
}

export function bullmq(): typeof BullMQ {
  return requirePackage('bullmq') as typeof BullMQ;
}

/** Opens a connection that is made again whenever it breaks, for as long as nobody closes it. */
export function connect(endpoint: Endpoint): Redis {
  const { Redis: Client } = requirePackage('ioredis') as typeof import('ioredis');
  const options: RedisOptions = {
    maxRetriesPerRequest: null,
    keepAlive: 10_000,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), 1000),
  };
  return 'url' in endpoint
    ? new Client(endpoint.url, options)
    : new Client({ ...(endpoint.address as RedisOptions), ...options });
}

/** Whether it is useless to try again: Redis is there and will not have us. */
export function isRefusal(error: unknown): boolean {
  return /^(NOAUTH|WRONGPASS|NOPERM|ERR invalid password|ERR AUTH|ERR Client sent AUTH)/.test(
    String((error as Error)?.message),
  );
}

/** Whether Redis was not there, rather than that it, or BullMQ, has said no. */
export function isAbsence(error: unknown): boolean {
  const { name, message = '', code } = error as { name?: string; message?: string; code?: string };
  if (name === 'ReplyError') return /^(LOADING|READONLY|MASTERDOWN|TRYAGAIN|UNBLOCKED)/.test(message);
  return code !== undefined || name === 'MaxRetriesPerRequestError' || /connection|stream|socket/i.test(message);
}
