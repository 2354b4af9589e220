/**
 * Who starts a crew's workers and looks after them: the thread that has made the crew. It learns of a worker's end when
 * its event loop turns, or at a beat of a blocking call that waits for results, whatever way the worker ended.
 */

import { RuntimeError } from '../errors.ts';
import { outsideFlows } from '../memory/flow.ts';
import type { Memory } from '../memory/memory.ts';
import { type Contest, waitAsync, waitBlocking } from '../memory/wait.ts';
import type { Crew } from './crew.ts';
import { CLOSED, OPEN } from './crew-layout.ts';
import { Mailbox } from './mailbox.ts';
import { breakDown, failAll, settleLeftTask } from './settle.ts';
import { breaksWithWorker, type CrewKind, errorOfEnding } from './setup.ts';
import { ENDED, STARTING, type WorkerRecord } from './worker-record.ts';

/** A process that has not ended so long after SIGTERM gets SIGKILL. */
const GENTLE_MILLISECONDS = 1000;
/** So many workers in a row may be killed while they start; then it is no accident, and no other is started. */
const FAILED_STARTS = 5;

/** A worker as its supervisor has it: a thread or a process. */
export interface Hand {
  /** Whether it has ended, in whatever way. */
  hasEnded(): boolean;
  /** Blocks until it has ended. */
  awaitEnd(): void;
  /** Calls `listener` on this event loop once it has ended; does not keep the program alive. */
  whenEnded(listener: () => void): void;
  /** Ends it at once, whatever it does. `gently`: in a way that a process can notice. */
  stop(gently: boolean): void;
  /** How it ended, as seen from outside. */
  ending(): string;
}

/** Starts a worker: runs `serve(crew, record)` in a thread or a process. */
export type Hire = (crew: Crew, record: WorkerRecord) => Hand;

interface Worker {
  record: WorkerRecord;
  hand: Hand;
  /** If it was stopped: what its task ends with, and when it will be stopped with force. */
  stopped: { error: unknown; forceAt: number } | null;
}

export class Supervisor {
  readonly #crew: Crew;
  readonly #kind: CrewKind;
  readonly #hire: Hire;
  readonly #hands = new Map<number, Worker>();
  /** Those that have said that they end, but have not. */
  readonly #leaving = new Set<Hand>();
  #failedStarts = 0;
  #watching = false;
  #stopBeats: (() => void) | null = null;

  constructor(crew: Crew, kind: CrewKind, hire: Hire) {
    this.#crew = crew;
    this.#kind = kind;
    this.#hire = hire;
  }

  /** Starts workers while there are tasks that nobody takes. @throws OSError there is no room for another process. */
  hireAsNeeded(): void {
    while (this.#crew.state <= CLOSED && this.#crew.needsWorker && this.#hireOne()) {
      // one more
    }
  }

  /** Starts all workers that there may be: those who will need them cannot start any. */
  hireAll(): void {
    while (this.#crew.state === OPEN && this.#hireOne()) {
      // one more
    }
  }

  /** Looks after all workers: settles what the dead have left, and replaces them where that is to be done. */
  look(): void {
    for (const hand of [...this.#leaving]) if (hand.hasEnded()) this.#leaving.delete(hand);
    for (const worker of [...this.#hands.values()]) {
      const { record, hand, stopped } = worker;
      if (record.state === ENDED || hand.hasEnded()) this.#bury(worker);
      else if (stopped !== null && performance.now() > stopped.forceAt) {
        stopped.forceAt = Number.POSITIVE_INFINITY;
        hand.stop(false);
      }
    }
    if (this.#crew.state > CLOSED) this.#stopAll();
    this.#crew.takeWanted();
    try {
      this.hireAsNeeded();
    } catch (error) {
      // The others go on; without any, nobody would ever look again.
      if (this.#crew.workers.alive === 0) this.#breakOver(`no worker can be started: ${error}`, error);
    }
    if (this.#hands.size === 0) this.#unwatch();
  }

  /** Stops the worker that runs a task in this slot, if one does; its task ends with `error`. */
  stopTask(slot: number, use: number, error: unknown): boolean {
    for (const worker of this.#hands.values()) {
      const { record } = worker;
      if (record.task !== slot || record.use !== use) continue;
      record.stopped = true;
      if (record.task !== slot || record.use !== use) {
        record.stopped = false; // it has just finished, and may have the next one already
        continue;
      }
      this.#stop(worker, error, false);
      return true;
    }
    return false;
  }

  /** Ends all workers at once. `error` is what their tasks end with. */
  stopAll(error: unknown, gently: boolean): void {
    for (const hand of this.#leaving) hand.stop(gently);
    for (const worker of this.#hands.values()) this.#stop(worker, error, gently);
  }

  /** Blocks until all workers have ended. */
  joinAll(): void {
    const { memory, changes } = this.#crew;
    const contest: Contest = {
      queue: changes,
      attempt: () => [...this.#hands.values()].some(({ record, hand }) => record.state === ENDED || hand.hasEnded()),
      surplus: () => {},
    };
    while (this.#hands.size > 0) {
      waitBlocking(memory, contest, 100);
      this.look();
    }
    for (const hand of this.#leaving) hand.awaitEnd();
    this.#leaving.clear();
  }

  /** {@link joinAll} while the event loop goes on. */
  async joinAllAsync(): Promise<void> {
    const { memory, changes } = this.#crew;
    const contest: Contest = {
      queue: changes,
      attempt: () => {
        this.look();
        return this.#hands.size === 0 && this.#leaving.size === 0;
      },
      surplus: () => {},
    };
    if (!contest.attempt(false)) await waitAsync(memory, contest, {});
  }

  #hireOne(): boolean {
    const record = this.#crew.workers.add();
    if (record === null) return false;
    try {
      const hand = this.#hire(this.#crew, record);
      this.#hands.set(record.at, { record, hand, stopped: null });
      hand.whenEnded(() => {
        this.look();
        this.#crew.tellChange();
      });
    } catch (error) {
      this.#crew.removeWorker(record, false);
      throw error;
    }
    this.#watch();
    return true;
  }

  #bury({ record, hand, stopped }: Worker): void {
    if (!this.#hands.delete(record.at)) return;
    const crew = this.#crew;
    const { state, ending } = record;
    const expected = state === ENDED || record.stopped;
    const text = ending || hand.ending();
    const error = (): Error => errorOfEnding(this.#kind, `a worker of the ${this.#kind} is gone: ${text}`);
    settleLeftTask(crew.memory, record, stopped === null ? error : () => stopped.error, true);
    this.#failedStarts = state === STARTING && !expected ? this.#failedStarts + 1 : 0;
    if (state === ENDED && !hand.hasEnded()) this.#leaving.add(hand);
    if (!expected && crew.state <= CLOSED) {
      if (breaksWithWorker(this.#kind)) breakDown(crew, error(), null);
      // It has ended itself before its first task: its successors would do so too.
      else if (state === STARTING && ending !== '') {
        this.#breakOver(`the initializer of the ${this.#kind} has ended its worker: ${ending}`);
      } else if (this.#failedStarts >= FAILED_STARTS) {
        this.#breakOver(`${FAILED_STARTS} workers of the ${this.#kind} in a row are gone before they were up: ${text}`);
      }
    }
    crew.removeWorker(record, !expected || record.stopped);
  }

  #breakOver(text: string, cause?: unknown): void {
    breakDown(this.#crew, errorOfEnding(this.#kind, text, cause), null);
  }

  /** Stops a worker. What it runs ends now: it may take a while to stop, and what it says meanwhile does not count. */
  #stop(worker: Worker, error: unknown, gently: boolean): void {
    const { record, hand } = worker;
    worker.stopped ??= { error, forceAt: gently ? performance.now() + GENTLE_MILLISECONDS : Number.POSITIVE_INFINITY };
    record.stopped = true;
    hand.stop(gently);
    settleLeftTask(this.#crew.memory, record, () => error, false);
  }

  /** It is broken or terminated: whoever still runs is stopped, and what waits will never run. */
  #stopAll(): void {
    const crew = this.#crew;
    const error = crew.reasonError() ?? new RuntimeError(`the ${this.#kind} was terminated before this task had ended`);
    failAll(crew, error);
    for (const worker of this.#hands.values()) if (worker.stopped === null) this.#stop(worker, error, true);
  }

  /** While there are workers: answers those who want one, and looks at the beats of blocking waits. */
  #watch(): void {
    this.#stopBeats ??= beatWhileWaiting(this.#crew.memory, () => this.look());
    if (this.#watching) return;
    this.#watching = true;
    const crew = this.#crew;
    const seen = crew.changeCount;
    const contest: Contest = {
      queue: crew.changes,
      attempt: () => crew.changeCount !== seen,
      beat: () => {
        this.look();
        return false;
      },
      surplus: () => {},
    };
    void outsideFlows(async () => {
      await waitAsync(crew.memory, contest, { ref: false });
      this.#watching = false;
      this.look();
      if (this.#hands.size > 0) this.#watch();
    });
  }

  #unwatch(): void {
    this.#stopBeats?.();
    this.#stopBeats = null;
  }
}

function beatWhileWaiting(memory: Memory, beat: () => void): () => void {
  return Mailbox.in(memory).whileWaiting(beat);
}
