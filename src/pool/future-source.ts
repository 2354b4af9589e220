import type { FutureCell } from './future-cell.ts';

/** Where futures' outcomes come from: the tasks of a pool, each with a number. */
export interface FutureSource {
  /** In which memory. */
  readonly kind: 'local' | 'system';
  /** Whether the outcome comes through this thread's event loop only: blocking this thread for it could not end. */
  readonly needsLoop?: boolean;
  /** Cancels the task, if it has not begun. */
  cancel(task: number): boolean;
  /** Whether a worker has begun with it. */
  isRunning(task: number): boolean;
  /** Called before a thread blocks for it without a time-out. Throws if that could not end; returns what to call after. */
  beforeBlocking(task: number): () => void;
  /** Somebody awaits it. `fail` is told if that could not end. Returns what to call when it has ended. */
  whileAwaited(task: number, fail: (error: Error) => void): () => void;
  /** Has the outcome published for other threads too. */
  share(task: number): FutureCell;
}
