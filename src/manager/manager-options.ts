import type { ModuleTarget } from '../pickle/module-target.ts';
import type { Address } from '../process/socket-address.ts';
import { describe } from '../sync/timeout.ts';
import type { Target } from '../thread/target.ts';

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

/** The settings that `new Manager(options)` or `new Manager(address, authkey)` gives. @throws TypeError */
export function settingsOf(options: unknown, authkey: Uint8Array | null | undefined): ManagerOptions {
  if (options === undefined || options === null) return { authkey };
  const isAddress =
    typeof options === 'string' || Array.isArray(options) || (typeof options === 'object' && 'port' in options);
  if (isAddress) return { address: options as Address, authkey };
  if (typeof options === 'object') return { authkey, ...options };
  throw new TypeError(`Manager: needs options such as { address, authkey }, not ${describe(options)}`);
}
