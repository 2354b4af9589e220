/** How a task's end gets to its submitter: what the worker does with a result, and others for a worker that is gone. */

import { MemoryError } from '../errors.ts';
import type { Memory } from '../memory/memory.ts';
import { dumps, dumpsError, loads } from '../pickle/index.ts';
import { bytesMessage, discardMessage, type Message, messageOf } from '../queue/message.ts';
import { layMessage } from '../queue/parcel.ts';
import { type Crew, tellDropped } from './crew.ts';
import { BROKEN } from './crew-layout.ts';
import { Frame } from './framed.ts';
import { publish } from './future-cell.ts';
import { MAIL_HEADER_BYTES, PLAIN, post, shortMail, THROWN, VALUE, writeMailHeader } from './mail.ts';
import { CANCELLED, clock, RUNNING, slot } from './slots.ts';
import type { TaskHeader } from './task-message.ts';
import type { WorkerRecord } from './worker-record.ts';

const frame = new Frame(MAIL_HEADER_BYTES);

/** A use of a slot, and the mailbox that it belongs to. */
export interface Destination {
  slot: number;
  mailbox: number;
  use: number;
}

/**
 * The worker has run a task to its end: `failed` says whether `value` is what it gave or what it has thrown. One that
 * was stopped meanwhile says nothing.
 */
export function settleTask(memory: Memory, to: Destination, failed: boolean, value: unknown): void {
  if (!slot.finish(memory, to.slot, to.use, RUNNING)) return;
  const plain = !failed && slot.putPlain(memory, to.slot, value);
  const cell = slot.end(memory, to.slot, clock());
  if (cell !== 0) publish(memory, cell, failed, value);
  if (plain) post(memory, to.mailbox, shortMail(memory, to.slot, to.use, PLAIN));
  else sendValue(memory, to, failed, value);
}

/** A task that was finished for a worker that is gone, or that no worker will ever take, ends with an error. */
function settleWithError(memory: Memory, to: Destination, error: unknown): void {
  const cell = slot.end(memory, to.slot, clock());
  if (cell !== 0) publish(memory, cell, true, error);
  sendValue(memory, to, true, error);
}

/**
 * Settles the task that a worker has left behind, if there is one.
 *
 * `isDead`: it does nothing any more. Only then is a task settled that it has finished but perhaps not told of (mail
 * that comes twice counts once), and only then does it lose what it was about to take: it may take it still.
 */
export function settleLeftTask(memory: Memory, worker: WorkerRecord, error: () => unknown, isDead: boolean): void {
  const { task: at, mailbox, use } = worker;
  if (at === 0) return;
  if (slot.worker(memory, at) === worker.at) {
    const isLeft = slot.finish(memory, at, use, RUNNING) || (isDead && slot.isDone(memory, at, use));
    if (isLeft) settleWithError(memory, { slot: at, mailbox, use }, error());
  }
  if (!isDead) return;
  // It may have been about to say that a cancelled task is out of the queue.
  if (slot.isCancelled(memory, at, use)) tellDropped(memory, at, mailbox, use);
  worker.clearTask();
}

/** Settles a task that nobody runs, or whose worker is gone for certain, unless that has told of its end. */
export function settleGoneTask(memory: Memory, to: Destination, error: unknown): void {
  const { slot: at, use } = to;
  const isLeft =
    slot.finish(memory, at, use, RUNNING) ||
    slot.isDone(memory, at, use) ||
    (slot.cancel(memory, at, use) && slot.finish(memory, at, use, CANCELLED));
  if (isLeft) settleWithError(memory, to, error);
}

/**
 * The same for a task that has run elsewhere, where what it gave or has thrown was pickled. Unlike the ending of a worker
 * of ours it may come twice.
 */
export function settlePickled(memory: Memory, to: Destination, failed: boolean, bytes: Uint8Array): void {
  if (!slot.finish(memory, to.slot, to.use, RUNNING)) return;
  const cell = slot.end(memory, to.slot, clock());
  if (cell !== 0) {
    try {
      publish(memory, cell, failed, loads(bytes));
    } catch (error) {
      publish(memory, cell, true, error); // it cannot be made here
    }
  }
  sendOrTell(memory, to, failed, bytesMessage(bytes));
}

/**
 * Nothing can be run any more: every task that waits ends with an error. `worker`: the one that says so; it takes the
 * tasks as if to run them, so that what it has in its hands is not lost if it is killed over that.
 */
export function breakDown(crew: Crew, error: Error, worker: WorkerRecord | null): void {
  const scope = crew.memory.kind === 'local' ? 'thread' : 'process';
  crew.setReason(layMessage(crew.memory, messageOf(dumpsError(error, scope))));
  crew.raise(BROKEN);
  if (worker === null) failAll(crew, error);
  else {
    for (let task = crew.take(worker); task !== null; task = crew.take(worker)) {
      settleLeftTask(crew.memory, worker, () => error, true);
      discardMessage(task);
    }
  }
}

/** Ends every task that waits with an error. */
export function failAll(crew: Crew, error: Error): void {
  crew.drain((header) => {
    if (slot.finish(crew.memory, header.slot, header.use, CANCELLED)) {
      settleWithError(crew.memory, destinationOf(header), error);
    }
  });
}

export function destinationOf({ slot, mailbox, use }: TaskHeader): Destination {
  return { slot, mailbox, use };
}

function sendValue(memory: Memory, to: Destination, failed: boolean, value: unknown): void {
  const scope = memory.kind === 'local' ? 'thread' : 'process';
  let message: Message;
  try {
    message = messageOf(failed ? dumpsError(value, scope) : dumps(value, { scope, root: 'result', attach: true }));
  } catch (error) {
    failed = true;
    message = messageOf(dumpsError(error, scope));
  }
  sendOrTell(memory, to, failed, message);
}

function sendOrTell(memory: Memory, to: Destination, failed: boolean, message: Message): void {
  const scope = memory.kind === 'local' ? 'thread' : 'process';
  try {
    sendMessage(memory, to, failed, message);
  } catch (error) {
    // There is no room for the result, but some day there will be for the news of that.
    if (!(error instanceof MemoryError)) throw error;
    for (;;) {
      try {
        sendMessage(memory, to, true, messageOf(dumpsError(error, scope)));
        return;
      } catch (again) {
        if (!(again instanceof MemoryError)) throw again;
        memory.nap(10);
      }
    }
  }
}

/** @throws MemoryError nothing was sent, and what the message mentions was let go of. */
function sendMessage(memory: Memory, to: Destination, failed: boolean, message: Message): void {
  writeMailHeader(frame.head, memory, to.slot, to.use, failed ? THROWN : VALUE);
  try {
    post(memory, to.mailbox, frame.around(message));
  } catch (error) {
    discardMessage(message);
    throw error;
  }
}

/** How a message mentions a payload: see {@link Message.references}. */
export function referenceTo(memory: Memory, payload: number): number {
  return memory.kind === 'local' ? payload : -payload;
}
