import { PicklingError, RemoteError } from '../errors.ts';
import { PARTY_READY } from '../memory/party.ts';
import { spinFor } from '../memory/spin.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { Call, CallerGone, isThenable, type Session } from './call.ts';
import {
  CALL,
  CANCEL,
  CANCELLED,
  CHANNEL,
  CONTROL,
  CREATE,
  type Frame,
  type Head,
  type Line,
  RELEASE,
  THROWN,
  VALUE,
} from './frame.ts';
import { Luck } from './luck.ts';
import type { ObjectTable } from './object-table.ts';
import type { Description } from './reference.ts';
import { endOfSession, type ManagedLock } from './referents/lock.ts';
import type { NetworkState, Peer } from './travel.ts';

/** So many frames are taken at once from one session, and for so long at most, before others have their turn. */
const MOST_FRAMES = 200;
const MOST_MILLISECONDS = 2;

/** What a session has of the server. */
export interface ServedBy {
  readonly objects: ObjectTable;
  create(call: Call, typeid: unknown, args: unknown[]): unknown;
  invoke(call: Call, object: number, method: string, args: unknown[]): unknown;
  control(call: Call, what: unknown, args: unknown[]): unknown;
  leave(session: GuestSession): void;
}

/** A thread of the family, or another program, that uses a server. */
export class GuestSession implements Session, Peer {
  readonly label: string;
  readonly locks = new Set<ManagedLock>();
  readonly snapshots = new Map<number, unknown[]>();
  /** How many references to which objects another program has. */
  readonly references = new Map<number, number>();
  readonly #server: ServedBy;
  readonly #line: Line;
  /** The calls that take a while. */
  readonly #calls = new Map<number, Call>();
  #stopWaiting: () => void = () => {};
  #open = true;
  readonly #luck = new Luck();
  /** What callbacks answer (callbacks.ts). */
  onChannel: ((callback: number, message: unknown) => void) | null = null;
  onClose: ((reason: Error) => void) | null = null;

  constructor(server: ServedBy, line: Line, label: string) {
    this.#server = server;
    this.#line = line;
    this.label = label;
    line.peer = this;
  }

  get scope(): 'process' | 'network' {
    return this.#line.scope;
  }

  /** Serves until the line ends. */
  serve(): void {
    if (!this.#open) return;
    let came = false;
    const stop = this.#line.whenReady(() => {
      came = true;
      this.#work();
    }, true);
    if (!came) this.#stopWaiting = stop;
  }

  /** Ends the session. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#stopWaiting();
    const gone = new CallerGone('the caller is gone');
    for (const call of [...this.#calls.values()]) call.abort(gone);
    this.#calls.clear();
    this.onClose?.(gone);
    endOfSession(this);
    this.snapshots.clear();
    this.#line.close();
    this.#server.leave(this);
  }

  /** Another program gets a reference. */
  describe({ object, typeid, kind, exposed }: Description): NetworkState {
    this.#server.objects.find(object).foreign++;
    this.references.set(object, (this.references.get(object) ?? 0) + 1);
    return { object, typeid, kind, exposed };
  }

  /** Another program sends a proxy: it is about an object of this server. @throws RemoteError that is gone */
  resolve({ object }: NetworkState): object {
    return this.#server.objects.proxyOf(object);
  }

  /** Calls a callback of the thread, or says that it is not needed any more (callbacks.ts). */
  say(callback: number, message: unknown): void {
    this.#send({ kind: CHANNEL, number: 0, object: callback, flow: 0 }, message);
  }

  /**
   * Takes what has come. Who has just got an answer often calls again at once: that is waited for a moment, as every
   * wait of the library begins with a spin, since being woken takes longer than a whole call.
   */
  #work(): void {
    const until = performance.now() + MOST_MILLISECONDS;
    try {
      for (let count = 0; count < MOST_FRAMES; count++) {
        const frame = this.#line.takeNow();
        if (frame === null) {
          if (this.scope === 'network' || performance.now() > until) break;
          if (!this.#luck.holds || !this.#spin()) break;
          continue;
        }
        if (frame.namesModules) {
          // What comes after it waits, so that everything happens in order.
          void this.#handleLater(frame);
          return;
        }
        this.#handle(frame);
        if (!this.#open) return;
      }
    } catch {
      // Its end, or what cannot be read: the others go on.
      this.close();
      return;
    }
    setImmediateIfReady(this.#line, () => this.serve());
  }

  #spin(): boolean {
    const memory = systemMemory();
    const others = memory.parties.base + PARTY_READY;
    // Whoever else calls meanwhile is not kept waiting.
    spinFor(memory, () => this.#line.ready || Atomics.load(memory.i32, others) !== 0);
    const came = this.#line.ready;
    this.#luck.tried(came);
    return came;
  }

  async #handleLater(frame: Frame): Promise<void> {
    try {
      await frame.importModules();
    } catch {
      // Making the value fails as well then, and says why.
    }
    if (!this.#open) return;
    this.#handle(frame);
    this.serve();
  }

  #handle(frame: Frame): void {
    const { kind, number, object, flow } = frame;
    if (kind === CANCEL) {
      frame.discard();
      this.#cancel(number);
    } else if (kind === RELEASE) {
      frame.discard();
      this.#release(object, flow);
    } else if (kind === CHANNEL) {
      if (this.onChannel === null) frame.discard();
      else this.onChannel(object, frame.value());
    } else if (kind === CALL || kind === CREATE || kind === CONTROL) {
      this.#answer(frame);
    } else frame.discard();
  }

  #answer(frame: Frame): void {
    const { kind, number, object, flow } = frame;
    const call = new Call(this, flow);
    let result: unknown;
    let name = 'the call';
    try {
      const [what, args] = frame.value() as [string, unknown[]];
      name = String(what);
      if (kind === CALL) result = this.#server.invoke(call, object, what, args);
      else if (kind === CREATE) result = this.#server.create(call, what, args);
      else result = this.#server.control(call, what, args);
    } catch (error) {
      this.#throw(number, error);
      return;
    }
    if (!isThenable(result)) {
      this.#reply(number, result, name);
      return;
    }
    this.#calls.set(number, call);
    result.then(
      (value) => {
        if (this.#calls.delete(number)) this.#reply(number, value, name);
      },
      (error) => {
        if (!this.#calls.delete(number)) return;
        if (call.aborted) this.#send({ kind: CANCELLED, number, object: 0, flow: 0 }, undefined);
        else this.#throw(number, error);
      },
    );
  }

  #cancel(number: number): void {
    const call = this.#calls.get(number);
    if (call === undefined) return; // it has been answered
    call.abort(new Error('the caller has given up'));
    if (call.watched) return; // what waits there sees to it
    this.#calls.delete(number);
    this.#send({ kind: CANCELLED, number, object: 0, flow: 0 }, undefined);
  }

  #release(object: number, count: number): void {
    if (this.scope === 'process') {
      this.#server.objects.sweepSoon();
      return;
    }
    const have = this.references.get(object) ?? 0;
    const given = Math.min(have, Math.max(count, 0));
    if (given === 0) return;
    if (given === have) this.references.delete(object);
    else this.references.set(object, have - given);
    this.#server.objects.release(object, given);
  }

  #reply(number: number, value: unknown, name: string): void {
    try {
      this.#send({ kind: VALUE, number, object: 0, flow: 0 }, value);
    } catch (error) {
      const isPickling = error instanceof PicklingError;
      this.#throw(
        number,
        isPickling
          ? new RemoteError(`the result of ${name}() cannot be sent: ${error.message}`, { cause: error })
          : error,
      );
    }
  }

  #throw(number: number, error: unknown): void {
    const head: Head = { kind: THROWN, number, object: 0, flow: 0 };
    if (!this.#open) return;
    try {
      this.#line.postError(head, error);
    } catch {
      // There is no memory even for that. Who waits for the answer is told by the end of the line.
      this.close();
    }
  }

  #send(head: Head, value: unknown): void {
    if (!this.#open) return;
    this.#line.post(head, value, 'result');
  }
}

/** Waits for more; when there is some already, others have their turn before. */
function setImmediateIfReady(line: Line, serve: () => void): void {
  if (line.ready) setImmediate(serve);
  else serve();
}
