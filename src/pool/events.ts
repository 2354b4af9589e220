/**
 * What diagnostics tools can subscribe to (`node:diagnostics_channel`), in the thread that submits:
 * `threadwork:executor:submit`, `threadwork:executor:start` and `threadwork:executor:end`. The three messages of one
 * task are one object.
 *
 * @module
 */

import type { Channel } from 'node:diagnostics_channel';
import type { Future } from './future.ts';

/** The message of the three channels. */
export interface TaskEvent {
  /** The executor that it was submitted to. */
  executor: object;
  future: Future<unknown>;
  /** The function, or `{ module, export }`. */
  fn: unknown;
  /** From `start` on: milliseconds between the submission and the start. */
  waited?: number;
  /** At the end. */
  outcome?: 'done' | 'failed' | 'cancelled';
  /** At the end, if it has failed: what was thrown. */
  error?: unknown;
}

interface Channels {
  submit: Channel;
  start: Channel;
  end: Channel;
}

let channels: Channels | undefined;

function open(): Channels {
  if (channels === undefined) {
    const { channel } = process.getBuiltinModule('node:diagnostics_channel');
    const named = (name: string): Channel => channel(`threadwork:executor:${name}`);
    channels = { submit: named('submit'), start: named('start'), end: named('end') };
  }
  return channels;
}

/** Whether somebody wants to know when tasks start. */
export function startIsWatched(): boolean {
  return open().start.hasSubscribers;
}

/** A task was submitted. Returns the message of its channels; null if nobody listens. */
export function publishSubmit(executor: object, future: Future<unknown>, fn: unknown): TaskEvent | null {
  const { submit, start, end } = open();
  if (!submit.hasSubscribers && !start.hasSubscribers && !end.hasSubscribers) return null;
  const event: TaskEvent = { executor, future, fn };
  submit.publish(event);
  return event;
}

/** It runs. */
export function publishStart(event: TaskEvent, waited: number): void {
  open().start.publish(Object.assign(event, { waited }));
}

/** It is over. */
export function publishEnd(event: TaskEvent, outcome: TaskEvent['outcome'], error: unknown): void {
  open().end.publish(Object.assign(event, { outcome, error }));
}
