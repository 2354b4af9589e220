/**
 * Which flow of a thread runs. Plain code is in none; a greenlet, what runs inside `withAsync(fn)` of a reentrant lock,
 * and what runs with a time-out is each in one of its own, through all its awaits. Blocking code of a thread excludes
 * itself; flows that take turns on one event loop do not, and need an identity to be told apart.
 *
 * A flow can be interrupted: something is *raised* in it, which ends the waits that it is in, as an abort would. If it
 * is in none, because it runs or awaits a promise that is none of ours, what was raised is kept for its next wait.
 * Every async call of the library is such a wait, except those of the library's own housekeeping, which are shielded.
 */

import { AsyncLocalStorage } from 'node:async_hooks';

/** A wait that can be ended from outside. */
export interface Interruptible {
  /** Ends the wait with `reason`; false if it has got what it waits for, or can no longer be given up. */
  interrupt(reason: unknown): boolean;
}

const storage = new AsyncLocalStorage<Flow | undefined>();
let inUse = false;
let last = 0;

/** The flow that runs now, null outside of any. */
export function currentFlow(): Flow | null {
  // Asking the storage costs more than an uncontended acquire: most programs never use one.
  return inUse ? (storage.getStore() ?? null) : null;
}

/** The number by which locks know the flow that runs now; 0 is plain code. */
export function currentFlowNumber(): number {
  return currentFlow()?.number ?? 0;
}

/** A number that no flow of this thread has had. */
export function newFlowNumber(): number {
  last = (last % 0x3fff_ffff) + 1;
  return last;
}

/** Runs `fn`, and all that it awaits, in the flow. */
export function runInFlow<R>(flow: Flow, fn: () => R): R {
  inUse = true;
  return storage.run(flow, fn);
}

/** Runs `fn` as the flow of that number: the current one if that is it, else a new one that is a part of it. */
export async function runAsFlow<R>(number: number, fn: () => Promise<R>): Promise<R> {
  const current = currentFlow();
  if (current?.number === number) return fn();
  const flow = new Flow(number, null, current);
  try {
    return await runInFlow(flow, fn);
  } finally {
    flow.end();
  }
}

/** Runs `fn`, and all that it awaits, in no flow: what serves the whole thread belongs to nobody who happens to need it. */
export function outsideFlows<R>(fn: () => R): R {
  return currentFlow() === null ? fn() : storage.run(undefined, fn);
}

/** What each async call begins with. @throws the signal's reason if it is aborted, or what was raised in the flow. */
export function beginWait(signal: AbortSignal | undefined): void {
  signal?.throwIfAborted();
  if (inUse) storage.getStore()?.check();
}

/** A promise that loses nothing when nobody awaits it any more, as a wait of the current flow. */
export function interruptible<T>(promise: Promise<T>): Promise<T> {
  const flow = currentFlow();
  if (flow === null) return promise;
  return new Promise((resolve, reject) => {
    flow.check();
    const wait = {
      interrupt: (reason: unknown): boolean => {
        flow.leave(wait);
        reject(reason);
        return true;
      },
    };
    flow.enter(wait);
    const end = (settle: () => void): void => {
      flow.leave(wait);
      settle();
    };
    promise.then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    );
  });
}

export class Flow implements Interruptible {
  /** Locks know it by this. */
  readonly number: number;
  /** The greenlet whose flow it is. */
  readonly owner: object | null;
  readonly #parent: Flow | null;
  #waits: Set<Interruptible> | null = null;
  /** Raised, and not yet seen by any wait. */
  #raised: unknown[] | null = null;
  #controller: AbortController | null = null;
  #endings: Set<() => void> | null = null;
  #over = false;

  /** `parent`: the flow that this one is a part of; what is raised there is raised here. */
  constructor(number: number, owner: object | null, parent: Flow | null = null) {
    this.number = number;
    this.owner = owner;
    this.#parent = parent;
    parent?.enter(this);
  }

  /** Raises `reason` in the waits of the flow or, if there is none, in its next one. */
  raise(reason: unknown): void {
    if (this.#over || this.interrupt(reason)) return;
    if (this.#raised === null) this.#raised = [reason];
    else this.#raised.push(reason);
  }

  /** Takes back what was raised, unless it has been seen. */
  withdraw(reason: unknown): void {
    const left = this.#raised?.filter((each) => each !== reason);
    if (left !== undefined) this.#raised = left.length === 0 ? null : left;
  }

  /** Whether it was raised, and no wait has seen it. */
  isUnseen(reason: unknown): boolean {
    return this.#raised?.includes(reason) === true;
  }

  interrupt(reason: unknown): boolean {
    let seen = false;
    if (this.#waits !== null) {
      for (const wait of [...this.#waits]) if (wait.interrupt(reason)) seen = true;
    }
    this.#controller?.abort(reason);
    return seen;
  }

  /** Throws what was raised while the flow was in no wait. */
  check(): void {
    const raised = this.#raised;
    if (raised !== null) {
      const reason = raised.shift();
      if (raised.length === 0) this.#raised = null;
      throw reason;
    }
    this.#parent?.check();
  }

  enter(wait: Interruptible): void {
    this.#waits ??= new Set();
    this.#waits.add(wait);
  }

  leave(wait: Interruptible): void {
    this.#waits?.delete(wait);
  }

  /** Is aborted with what is raised; a new one once that has been seen by a wait, or was taken back. */
  get signal(): AbortSignal {
    const raised = this.#unseen();
    if (raised === null && this.#controller?.signal.aborted) this.#controller = null;
    this.#controller ??= new AbortController();
    if (raised !== null) this.#controller.abort(raised[0]);
    return this.#controller.signal;
  }

  /** Has `ending` called at the end of the flow. */
  atEnd(ending: () => void): void {
    this.#endings ??= new Set();
    this.#endings.add(ending);
  }

  notAtEnd(ending: () => void): void {
    this.#endings?.delete(ending);
  }

  /** Its code has ended: nothing can be raised in it any more. What it has left behind goes on as plain code does. */
  end(): void {
    this.#over = true;
    this.#raised = null;
    this.#parent?.leave(this);
    if (this.#endings !== null) for (const ending of [...this.#endings]) ending();
  }

  #unseen(): readonly unknown[] | null {
    if (this.#raised !== null || this.#parent === null) return this.#raised;
    return this.#parent.#unseen();
  }
}
