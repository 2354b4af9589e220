/**
 * What a thread that blocks has to do in between: run the handlers of signals that have come (signal/handlers.ts). A
 * thread without such handlers, which is every thread but the main one, pays nothing.
 */

export interface Interruptions {
  /** Whether something is to be done. */
  areDue(): boolean;
  /** Does it. May throw: then the wait ends with that. */
  attend(): void;
}

let source: Interruptions | null = null;
let postponed = 0;

/** From now on, waits of this thread look there. */
export function interruptWaits(by: Interruptions): void {
  source = by;
}

/** Whether a wait of this thread may be interrupted at all. */
export function isInterruptible(): boolean {
  return source !== null;
}

/** Whether something is to be done now. */
export function isInterrupted(): boolean {
  return source !== null && postponed === 0 && source.areDue();
}

/** Does what is to be done. @throws what a handler throws */
export function attendInterruptions(): void {
  if (postponed === 0) source?.attend();
}

/** Does something that must not end by an interruption: what is due is done later. */
export function uninterrupted<R>(step: () => R): R {
  postponed++;
  try {
    return step();
  } finally {
    postponed--;
  }
}
