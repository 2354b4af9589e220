/**
 * Callbacks: what a thread of the family has marked with Comlink's `proxy()` stays there, and the server calls it over
 * the thread's line.
 *
 * The messages of a CHANNEL frame, whose OBJECT is the callback:
 *
 * ```
 * to the thread    [number, action, path, args]     from it   [number, failed, value]
 *                  []: the server is done with it
 * ```
 */

import type { Caller } from './caller.ts';
import { type Action, remoteObject } from './remote-object.ts';
import type { GuestSession } from './session.ts';

/** Something at the end of a path. @throws TypeError the path does not lead there */
export function walk(start: unknown, path: readonly string[]): { owner: unknown; value: unknown } {
  let owner: unknown;
  let value = start;
  for (const key of path) {
    if (FORBIDDEN.has(key)) throw new TypeError(`"${key}" cannot be reached from elsewhere`);
    owner = value;
    value = (value as Record<string, unknown>)[key];
  }
  return { owner, value };
}

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** Does something to what is at the end of a path. */
export function perform(start: unknown, action: Action, path: readonly string[], args: unknown[]): unknown {
  if (action === 'set') {
    const { value: owner } = walk(start, path.slice(0, -1));
    const key = path.at(-1) as string;
    if (FORBIDDEN.has(key)) throw new TypeError(`"${key}" cannot be set from elsewhere`);
    (owner as Record<string, unknown>)[key] = args[0];
    return undefined;
  }
  const { owner, value } = walk(start, path);
  if (action === 'get') return value;
  if (typeof value !== 'function') throw new TypeError(`${path.join('.') || 'it'} is not a function`);
  if (action === 'construct') return Reflect.construct(value, args);
  return Reflect.apply(value, owner, args);
}

/** The callbacks of a thread. */
export class Callbacks {
  readonly #caller: Caller;
  readonly #known = new Map<number, object>();
  #last = 0;

  static readonly #all = new WeakMap<Caller, Callbacks>();

  static of(caller: Caller): Callbacks {
    let callbacks = Callbacks.#all.get(caller);
    if (callbacks === undefined) {
      callbacks = new Callbacks(caller);
      Callbacks.#all.set(caller, callbacks);
    }
    return callbacks;
  }

  private constructor(caller: Caller) {
    this.#caller = caller;
    caller.onChannel = (callback, message) => {
      // A blocking call may have come upon it: the program's own code runs when that is over.
      setImmediate(() => void this.#receive(callback, message as [number, Action, string[], unknown[]] | []));
    };
  }

  /** Keeps a callback; returns its number. */
  enter(callback: object): number {
    this.#known.set(++this.#last, callback);
    this.#caller.listenToChannels();
    return this.#last;
  }

  async #receive(callback: number, message: [number, Action, string[], unknown[]] | []): Promise<void> {
    if (message.length === 0) {
      this.#known.delete(callback);
      return;
    }
    const [number, action, path, args] = message;
    let answer: [number, boolean, unknown];
    try {
      const known = this.#known.get(callback);
      if (known === undefined) throw new TypeError('the callback was released');
      answer = [number, false, await perform(known, action, path, args)];
    } catch (error) {
      answer = [number, true, error];
    }
    if (this.#caller.ended) return;
    try {
      this.#caller.say(callback, answer);
    } catch (error) {
      this.#caller.say(callback, [number, true, error]);
    }
  }
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** The callbacks that a session has sent to the server. */
export class SessionCallbacks {
  readonly #session: GuestSession;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  static readonly #all = new WeakMap<GuestSession, SessionCallbacks>();
  static readonly #collected = new FinalizationRegistry<() => void>((release) => release());

  static of(session: GuestSession): SessionCallbacks {
    let callbacks = SessionCallbacks.#all.get(session);
    if (callbacks === undefined) {
      callbacks = new SessionCallbacks(session);
      SessionCallbacks.#all.set(session, callbacks);
    }
    return callbacks;
  }

  private constructor(session: GuestSession) {
    this.#session = session;
    session.onChannel = (_callback, message) => this.#receive(message as [number, boolean, unknown]);
    session.onClose = (reason) => {
      for (const { reject } of this.#waiting.values()) reject(reason);
      this.#waiting.clear();
    };
  }

  /** What the server calls. */
  stub(callback: number): object {
    let released = false;
    const session = this.#session;
    const release = (): void => {
      if (!released) session.say(callback, []);
      released = true;
    };
    const stub = remoteObject({ act: (action, path, args) => this.#act(callback, action, path, args), release });
    SessionCallbacks.#collected.register(stub, release);
    return stub;
  }

  #act(callback: number, action: Action, path: readonly string[], args: readonly unknown[]): Promise<unknown> {
    const number = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      try {
        this.#session.say(callback, [number, action, path, args]);
      } catch (error) {
        this.#waiting.delete(number);
        reject(error);
      }
    });
  }

  #receive([number, failed, value]: [number, boolean, unknown]): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (failed) waiting?.reject(value);
    else waiting?.resolve(value);
  }
}
