/** A call that a server works at, as the object that is called sees it. */

import type { ManagedLock } from './referents/lock.ts';

/** A thread, or another program, that uses the server. */
export interface Session {
  /** Who it is, for people to read. */
  readonly label: string;
  /** Another program is not trusted with code. */
  readonly scope: 'process' | 'network' | 'server';
  /** The locks that it holds. */
  readonly locks: Set<ManagedLock>;
  /** Its snapshots that are being read in chunks (referents/snapshots.ts). */
  readonly snapshots: Map<number, unknown[]>;
}

/** Why a call is aborted whose caller has ended. */
export class CallerGone extends Error {}

export class Call {
  readonly session: Session;
  /** Which flow of the thread calls; below 0: one call that stands for itself (sync/flow.ts). */
  readonly flow: number;
  #controller: AbortController | null = null;
  #reason: unknown;
  #aborted = false;
  /** Whether what waits in it looks at {@link signal}, and then settles. */
  watched = false;

  constructor(session: Session, flow: number) {
    this.session = session;
    this.flow = flow;
  }

  /** Aborted when the caller has given up, or is gone. */
  get signal(): AbortSignal {
    this.watched = true;
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}

/** The methods of one kind of object. One that gives a promise is awaited while the server goes on. */
// biome-ignore lint/suspicious/noExplicitAny: the arguments come from elsewhere, and each method checks its own
export type Methods<T> = Record<string, (referent: T, call: Call, ...args: any[]) => unknown>;

/** A list of names, for an error that says what there is. */
export function listed(names: Iterable<string>): string {
  const all = [...names];
  return all.length === 0 ? 'none' : all.join(', ');
}

/** Whether something has to be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/**
 * An object that a call has made. It is sent as a proxy, without there being one here: that would keep the object until
 * it is collected.
 */
export class Made {
  readonly object: number;

  constructor(object: number) {
    this.object = object;
  }
}
