/**
 * Greenlets: async functions that can be waited for, killed and given time-outs, and pools of them. The surface is
 * gevent's, on Node's event loop.
 *
 * gevent: https://www.gevent.org/api/
 *
 * @module coroutine
 */

export type { GetOptions } from './coroutine/get-options.ts';
export { Greenlet } from './coroutine/greenlet.ts';
export { type GreenletClass, Group, type GroupJoinOptions } from './coroutine/group.ts';
export { GreenletMap } from './coroutine/imap.ts';
export type { IMapOptions } from './coroutine/imap-options.ts';
export { type IwaitOptions, iwait } from './coroutine/iwait.ts';
export { type JoinallOptions, joinall, killall } from './coroutine/joinall.ts';
export type { KillOptions } from './coroutine/kill-options.ts';
export { Pool, type PoolOptions } from './coroutine/pool.ts';
export type { Raisable } from './coroutine/raisable.ts';
export { type SleepOptions, sleep } from './coroutine/sleep.ts';
export { getcurrent, spawn, spawnLater } from './coroutine/spawn.ts';
export { Timeout, type TimeoutOptions, withTimeout } from './coroutine/timeout.ts';
export type { AnyIterable, Item } from './coroutine/zip.ts';
export { GreenletExit } from './errors.ts';
