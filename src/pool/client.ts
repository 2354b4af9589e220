/** A pool as somebody has it who gives it something to do: what `Pool` and the executors have in common. */

import { RuntimeError } from '../errors.ts';
import type { Memory } from '../memory/memory.ts';
import { bytesMessage, discardMessage, encodeMessage } from '../queue/message.ts';
import { whenThreadEnds } from '../thread/shutdown.ts';
import { Crew } from './crew.ts';
import { CLOSED, TERMINATED } from './crew-layout.ts';
import { CrewLease } from './crew-lease.ts';
import { type Addressee, Mailbox } from './mailbox.ts';
import { SentFunctions } from './sent-function.ts';
import { failAll, referenceTo } from './settle.ts';
import { type CrewKind, packSetup, type Setup } from './setup.ts';
import { slot } from './slots.ts';
import { type Hire, Supervisor } from './supervisor.ts';
import { type Mode, taskMessage } from './task-message.ts';
import { TaskSource } from './task-source.ts';

const NO_ARGUMENTS = bytesMessage(new Uint8Array());

/** The clients whose crews this thread looks after. */
const atHome = new Set<WeakRef<CrewClient>>();
let watchingEnd = false;

export class CrewClient {
  readonly crew: Crew;
  readonly lease: CrewLease;
  readonly kind: CrewKind;
  /** Of the thread that has made the pool. */
  readonly supervisor: Supervisor | null;
  /** The tasks that were given to it here. */
  readonly tasks: TaskSource;
  readonly #memory: Memory;
  readonly #scope: 'thread' | 'process';
  readonly #functions: SentFunctions;

  constructor(crew: Crew, lease: CrewLease, kind: CrewKind, supervisor: Supervisor | null) {
    this.crew = crew;
    this.lease = lease;
    this.kind = kind;
    this.supervisor = supervisor;
    this.#memory = crew.memory;
    this.#scope = crew.memory.kind === 'local' ? 'thread' : 'process';
    this.tasks = new TaskSource(this);
    this.#functions = new SentFunctions(crew.memory, () => crew.nextFunctionNumber());
  }

  /** A new pool, whose workers are hired as they are needed. */
  static create(memory: Memory, maximum: number, setup: Setup, hire: Hire): CrewClient {
    const crew = Crew.create(memory, maximum, packSetup(memory, setup));
    const supervisor = new Supervisor(crew, setup.kind, hire);
    const client = new CrewClient(crew, CrewLease.for(crew), setup.kind, supervisor);
    closeWithThread(client);
    return client;
  }

  /**
   * Gives the workers a task; returns its slot, or 0 if the pool is not open.
   * @throws PicklingError the function or an argument cannot be sent. @throws MemoryError there is no room.
   * Nothing was submitted then.
   */
  submit(fn: unknown, args: readonly unknown[], mode: Mode, addressee: Addressee, flags: number, who: string): number {
    const memory = this.#memory;
    const sent = this.#functions.of(fn, who);
    const mailbox = Mailbox.in(memory);
    this.crew.noteMailbox(mailbox.payload);
    const given = args.length === 0 ? NO_ARGUMENTS : encodeMessage(args, this.#scope, 'args');
    const { payload } = sent.place;
    memory.holdings.retain(payload);
    const parcel = referenceTo(memory, payload);
    const references = given.references.length === 0 ? [parcel] : [parcel, ...given.references];
    const index = mailbox.open(addressee, flags);
    const task = mailbox.slots.address(index);
    const message = taskMessage(
      task,
      mailbox.payload,
      slot.use(memory, task),
      sent.number,
      payload,
      mode,
      given,
      references,
    );
    let put = false;
    try {
      put = this.crew.tasks.put(message) === 'put';
    } finally {
      if (!put) {
        mailbox.close(index);
        discardMessage(message);
      }
    }
    if (!put) return 0;
    this.crew.idlers.wake(1);
    this.#staff(task);
    return task;
  }

  /** The pool is shut: it takes no task any more, and its workers end when all are done. */
  close(): void {
    this.crew.raise(CLOSED);
  }

  /** Ends the workers at once; what they run, and what waits, ends with `error`. */
  terminate(error: Error): void {
    this.crew.raise(TERMINATED);
    failAll(this.crew, error);
    this.supervisor?.stopAll(error, true);
  }

  /** Somebody else gets the pool too, who can start no worker: all must be there. */
  prepareToShare(): void {
    this.supervisor?.hireAll();
  }

  #staff(task: number): void {
    const { crew, supervisor } = this;
    if (crew.needsWorker) {
      try {
        if (supervisor !== null) supervisor.hireAsNeeded();
        else crew.wantWorker();
      } catch (error) {
        if (crew.workers.alive === 0 && this.tasks.cancel(task)) throw error;
      }
    }
    // It was broken or terminated just as the task came in: nobody else may see to that.
    if (crew.state > CLOSED) {
      failAll(
        crew,
        crew.reasonError() ?? new RuntimeError(`the ${this.kind} was terminated before this task had ended`),
      );
    }
  }
}

/** The workers of a pool are threads or processes of the thread that has made it, and end with it. */
function closeWithThread(client: CrewClient): void {
  const reference = new WeakRef(client);
  atHome.add(reference);
  if (watchingEnd) return;
  watchingEnd = true;
  whenThreadEnds(() => {
    for (const each of atHome) each.deref()?.close();
    atHome.clear();
  });
}
