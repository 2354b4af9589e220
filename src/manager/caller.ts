import { BrokenPipeError, EOFError, PicklingError } from '../errors.ts';
import { beginWait, currentFlow, type Flow, type Interruptible } from '../memory/flow.ts';
import { attachCallerStack, dumps } from '../pickle/index.ts';
import { CANCEL, CANCELLED, CHANNEL, type Frame, type Line, RELEASE, THROWN } from './frame.ts';

/** A call whose answer is awaited. */
interface Pending extends Interruptible {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  readonly site: { stack?: string };
  readonly flow: Flow | null;
  /** What was raised in its flow: the server was told to take the call back. */
  raised: { reason: unknown } | null;
  signal?: AbortSignal;
  onAbort?: () => void;
}

/**
 * The calls of one thread to one server: over a line of its own, so that the server knows the thread by its line, and
 * learns of its end.
 *
 * Blocking and awaited calls share the line. Whoever takes an answer that is not its own passes it on; while a call
 * blocks, nobody else waits at the line, lest the wake-up goes to an event loop that does not turn.
 */
export class Caller {
  readonly #line: Line;
  readonly #who: string;
  readonly #onEnd: () => void;
  readonly #pending = new Map<number, Pending>();
  #stopListening: (() => void) | null = null;
  /** Whether what is listened for keeps the program alive: the answer to a call does, a callback alone does not. */
  #keepsAlive = false;
  #last = 0;
  #ended: string | null = null;
  /** What the server calls here (callbacks.ts). */
  onChannel: ((callback: number, message: unknown) => void) | null = null;

  /** `who`: what the server is called in errors. `onEnd` is called when the line has ended. */
  constructor(line: Line, who: string, onEnd: () => void) {
    this.#line = line;
    this.#who = who;
    this.#onEnd = onEnd;
  }

  /** Who is at the other end. */
  get scope(): 'process' | 'network' {
    return this.#line.scope;
  }

  /** Whether the line has ended. */
  get ended(): boolean {
    return this.#ended !== null;
  }

  /** Calls, and blocks this thread for the answer. @throws what the call has thrown, EOFError, BrokenPipeError */
  call(kind: number, object: number, flow: number, value: unknown[], root: string): unknown {
    this.#checkOpen();
    this.#stopListening?.();
    this.#stopListening = null;
    const number = this.#nextNumber();
    let frame: Frame;
    try {
      this.#line.send({ kind, number, object, flow }, value, root);
      for (frame = this.#line.take(); frame.number !== number; frame = this.#line.take()) this.#deliver(frame);
    } catch (error) {
      throw this.#failure(error, value, root);
    } finally {
      if ((this.#pending.size > 0 || this.onChannel !== null) && this.#ended === null) this.#listen();
    }
    const result = frame.value();
    if (frame.kind !== THROWN) return result;
    const site: { stack?: string } = {};
    Error.captureStackTrace(site);
    attachCallerStack(result, site.stack);
    throw result;
  }

  /**
   * Calls while the event loop goes on. An abort takes the call back, if it has not been answered by then, and so does
   * what is raised in its flow; if the answer comes all the same, that is kept for the flow's next wait.
   * @throws the signal's reason, what is raised in the flow, and as {@link call}
   */
  async callAsync(
    kind: number,
    object: number,
    flow: number,
    value: unknown[],
    root: string,
    signal?: AbortSignal,
  ): Promise<unknown> {
    beginWait(signal);
    this.#checkOpen();
    const number = this.#nextNumber();
    const site: { stack?: string } = {};
    Error.captureStackTrace(site);
    try {
      this.#line.post({ kind, number, object, flow }, value, root);
    } catch (error) {
      throw this.#failure(error, value, root);
    }
    return new Promise((resolve, reject) => {
      const takeBack = (): void => this.#post(CANCEL, number, 0, 0);
      const interrupt = (reason: unknown): boolean => {
        if (pending.raised !== null) return false;
        pending.raised = { reason };
        takeBack();
        return true;
      };
      const pending: Pending = { resolve, reject, site, signal, flow: currentFlow(), raised: null, interrupt };
      pending.flow?.enter(pending);
      if (signal !== undefined) {
        pending.onAbort = takeBack;
        signal.addEventListener('abort', takeBack, { once: true });
      }
      this.#pending.set(number, pending);
      this.#listen();
    });
  }

  /** Takes what has come, so that the end of a line at which nobody waits is noticed. */
  attend(): void {
    if (this.#ended !== null) return;
    this.#stopListening?.();
    this.#stopListening = null;
    this.#receive();
  }

  /** Gives references to an object back. */
  release(object: number, count: number): void {
    if (this.#ended === null) this.#post(RELEASE, 0, object, count);
  }

  /** Answers for a callback. @throws PicklingError the answer cannot be sent */
  say(callback: number, message: unknown): void {
    this.#checkOpen();
    this.#line.post({ kind: CHANNEL, number: 0, object: callback, flow: 0 }, message, 'result of a callback');
  }

  /** From now on, callbacks are called when the event loop turns; they do not keep the program alive. */
  listenToChannels(): void {
    if (this.#ended === null) this.#listen();
  }

  /** Ends the line; who waits for an answer gets an `EOFError`. */
  close(why = 'this thread has closed its connection'): void {
    if (this.#ended !== null) return;
    this.#ended = why;
    this.#stopListening?.();
    this.#stopListening = null;
    this.#line.close();
    this.#onEnd();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const each of pending) {
      forget(each);
      each.reject(new EOFError(`${this.#who}: ${why}; the call was not answered`));
    }
  }

  #nextNumber(): number {
    this.#last = (this.#last % 0x3fff_ffff) + 1;
    return this.#last;
  }

  #checkOpen(): void {
    if (this.#ended !== null) throw new BrokenPipeError(`${this.#who}: ${this.#ended}; nothing can be called any more`);
  }

  #post(kind: number, number: number, object: number, flow: number): void {
    try {
      this.#line.post({ kind, number, object, flow }, undefined, '');
    } catch {
      // The line has ended: who waits for an answer is told.
    }
  }

  /** What has become of a call that could not be sent, or whose answer did not come. */
  #failure(error: unknown, value: unknown[], root: string): unknown {
    if (error instanceof EOFError || error instanceof BrokenPipeError) {
      this.close('its server has ended');
      return new (error instanceof EOFError ? EOFError : BrokenPipeError)(
        `${root}: the server of ${this.#who} has ended, and the call was not answered`,
        { cause: error },
      );
    }
    if (!(error instanceof PicklingError) || !Array.isArray(value[1])) return error;
    try {
      // Said again in the caller's terms: the arguments are a part of what is sent.
      dumps(value[1], { scope: this.scope, root: `${root}: args` });
    } catch (said) {
      if (said instanceof PicklingError) return said;
    }
    return error;
  }

  #listen(): void {
    const ref = this.#pending.size > 0;
    if (this.#stopListening !== null) {
      if (this.#keepsAlive || !ref) return;
      this.#stopListening();
      this.#stopListening = null;
    }
    this.#keepsAlive = ref;
    let came = false;
    const stop = this.#line.whenReady(() => {
      came = true;
      this.#stopListening = null;
      this.#receive();
    }, ref);
    if (!came && this.#ended === null) this.#stopListening = stop;
  }

  #receive(): void {
    try {
      for (let frame = this.#line.takeNow(); frame !== null; frame = this.#line.takeNow()) this.#deliver(frame);
    } catch {
      this.close('its server has ended');
      return;
    }
    if (this.#pending.size > 0 || this.onChannel !== null) this.#listen();
  }

  #deliver(frame: Frame): void {
    if (frame.kind === CHANNEL) {
      if (this.onChannel === null) frame.discard();
      else this.onChannel(frame.object, frame.value());
      return;
    }
    const pending = this.#pending.get(frame.number);
    if (pending === undefined) {
      frame.discard();
      return;
    }
    this.#pending.delete(frame.number);
    forget(pending);
    if (frame.kind === CANCELLED) {
      frame.discard();
      pending.reject(pending.raised === null ? pending.signal?.reason : pending.raised.reason);
      return;
    }
    if (pending.raised !== null) pending.flow?.raise(pending.raised.reason);
    if (frame.namesModules) {
      void frame.importModules().then(() => settle(pending, frame), pending.reject);
    } else settle(pending, frame);
  }
}

function settle(pending: Pending, frame: Frame): void {
  let value: unknown;
  try {
    value = frame.value();
  } catch (error) {
    pending.reject(error);
    return;
  }
  if (frame.kind === THROWN) {
    attachCallerStack(value, pending.site.stack);
    pending.reject(value);
  } else pending.resolve(value);
}

function forget(pending: Pending): void {
  const { signal, onAbort, flow } = pending;
  flow?.leave(pending);
  if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
}
