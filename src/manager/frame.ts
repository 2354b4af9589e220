/**
 * What goes between the server of a manager and a thread that uses it: four words, and a pickled value.
 *
 * ```
 * KIND    what it is (below)
 * NUMBER  which call it is about; the answer has the same
 * OBJECT  which object the call is about; the callback of a CHANNEL frame
 * FLOW    which flow of the thread calls (sync/flow.ts); of a RELEASE frame, how many references are given back
 * ```
 */

import type { Peer } from './travel.ts';

/** A method is called: the value is its name and its arguments, in one array. */
export const CALL = 1;
/** An object is to be made: the value is the name of its type and the arguments. */
export const CREATE = 2;
/** Something is asked of the server itself: the value is what, and the arguments. */
export const CONTROL = 3;
/** The call is given up; its answer may be on its way. */
export const CANCEL = 4;
/** References to an object are given back; nothing is answered. */
export const RELEASE = 5;
/** The server calls a callback of the thread, or is answered (callbacks.ts). */
export const CHANNEL = 6;

/** The call's result. */
export const VALUE = 10;
/** What the call has thrown. */
export const THROWN = 11;
/** The call was given up in time: it has had, and will have, no effect that its caller would miss. */
export const CANCELLED = 12;

export const HEAD_BYTES = 16;

/** A frame that has come. */
export interface Frame {
  readonly kind: number;
  readonly number: number;
  readonly object: number;
  readonly flow: number;
  /** Whether modules have to be imported before {@link value}, which takes {@link importModules}. */
  readonly namesModules: boolean;
  importModules(): Promise<void>;
  /** Makes the value; to be called once. @throws PicklingError, or what a module throws */
  value(): unknown;
  /** Lets go of a value that nobody wants. */
  discard(): void;
}

/** The words of a frame that is to be sent. */
export interface Head {
  kind: number;
  number: number;
  object: number;
  flow: number;
}

/** One side of a connection between a thread and a server. Frames arrive whole and in order. */
export interface Line {
  /** Who is at the other end. */
  readonly scope: 'process' | 'network';
  /** Who is at the other end, for proxies that travel between programs. */
  peer: Peer | null;
  /**
   * Sends a frame; blocks while the other side has much left to read.
   * @throws PicklingError the value cannot be sent; nothing was. @throws BrokenPipeError the other side is gone.
   */
  send(head: Head, value: unknown, root: string): void;
  /** The same without blocking: what finds no room is sent later, in its turn. */
  post(head: Head, value: unknown, root: string): void;
  /** {@link post} of something that was thrown; it does not fail. */
  postError(head: Head, thrown: unknown): void;
  /** Takes a frame, and blocks until there is one. @throws EOFError the other side is gone */
  take(): Frame;
  /** Takes a frame if there is one. @throws EOFError the other side is gone, and no frame is left */
  takeNow(): Frame | null;
  /** Whether {@link takeNow} has something to give, or to throw. */
  readonly ready: boolean;
  /** Calls `then` once, when the line is ready, perhaps before this returns. `ref`: keeps the program alive. */
  whenReady(then: () => void, ref: boolean): () => void;
  close(): void;
}
