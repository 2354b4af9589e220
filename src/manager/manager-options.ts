import type { ModuleTarget } from '../pickle/module-target.ts';
import { currentProcess } from '../process/current.ts';
import { checkKey } from '../process/handshake.ts';
import { type Address, endpointOf } from '../process/socket-address.ts';
import { describe, toMilliseconds } from '../sync/timeout.ts';
import { checkArguments, checkTarget, type ResolvedTarget, type Target } from '../thread/target.ts';

/** Settings of a manager. */
export interface ManagerOptions {
  /** Where other programs connect: `[host, port]`, `{ host, port }` or a path. Absent: only the family has it. */
  address?: Address | null;
  /** The key that other programs must know. Absent: that of the current process. */
  authkey?: Uint8Array | null;
  /** Seconds that the server has to end by itself at `shutdown`, before it is ended (default 1). */
  shutdownTimeout?: number;
}

/** What {@link BaseManager.start} does in the server before anything else. */
export interface StartOptions {
  /** Is called in the server, before it serves. */
  initializer?: Target | ModuleTarget | null;
  /** The initializer's arguments. */
  initargs?: readonly unknown[] | null;
}

/** The settings of a manager, checked and complete; times in seconds. */
export interface ManagerSettings {
  readonly address: Address | undefined;
  readonly authkey: Uint8Array;
  readonly shutdownTimeout: number;
}

/** What `new Manager(options)` or `new Manager(address, authkey)` says. @throws TypeError @throws ValueError */
export function settingsOf(options: unknown, authkey: Uint8Array | null | undefined, who: string): ManagerSettings {
  const given = optionsOf(options, authkey);
  const address = given.address ?? undefined;
  if (address !== undefined) endpointOf(address, null, who);
  return {
    address,
    authkey: checkKey(given.authkey, who) ?? currentProcess().authkey,
    shutdownTimeout: toMilliseconds(given.shutdownTimeout ?? 1, `${who}: shutdownTimeout`) / 1000,
  };
}

function optionsOf(options: unknown, authkey: Uint8Array | null | undefined): ManagerOptions {
  if (options === undefined || options === null) return { authkey };
  const isAddress =
    typeof options === 'string' || Array.isArray(options) || (typeof options === 'object' && 'port' in options);
  if (isAddress) return { address: options as Address, authkey };
  if (typeof options === 'object') return { authkey, ...options };
  throw new TypeError(`Manager: needs options such as { address, authkey }, not ${describe(options)}`);
}

/** What a server does before anything else. @throws TypeError */
export function initializerOf(
  options: StartOptions | null | undefined,
  who: string,
): { initializer: ResolvedTarget; initargs: readonly unknown[] } {
  if (options !== undefined && options !== null && typeof options !== 'object') {
    throw new TypeError(`${who}: needs options such as { initializer, initargs }, not ${describe(options)}`);
  }
  return { initializer: checkTarget(options?.initializer, who), initargs: checkArguments(options?.initargs, who) };
}
