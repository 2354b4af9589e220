/** The line between two threads of one family of processes: a pipe in the memory that they share. */

import { BrokenPipeError, EOFError } from '../errors.ts';
import { buryDead } from '../memory/burial.ts';
import { letGo, objectAt, Place, SharedObject } from '../memory/handle.ts';
import { spinFor } from '../memory/spin.ts';
import { systemMemory } from '../memory/system-memory.ts';
import { awaitTurn, waitBlocking } from '../memory/wait.ts';
import { dumpsError } from '../pickle/errors.ts';
import { dumps, importModules, namesModules } from '../pickle/index.ts';
import { registerReducer } from '../pickle/reducer.ts';
import { Frame as Framing, loadAfter, pickledPart, wordAt } from '../pool/framed.ts';
import type { Channel } from '../queue/channel.ts';
import { discardMessage, keepMessage, type Message, messageOf } from '../queue/message.ts';
import { incoming, makePipe, outgoing } from '../queue/pipe-layout.ts';
import { type Frame, HEAD_BYTES, type Head, type Line } from './frame.ts';
import { Luck } from './luck.ts';
import type { Peer } from './travel.ts';

const EVERYTHING = Number.POSITIVE_INFINITY;
/** What a frame may need beyond its bytes: its record in the log, and its references. */
const RESERVE_WORDS = 64;

/** What this thread looks after while it waits at a line: servers that may end before anybody knows them. */
export const watches = new Set<() => void>();

/** A thread's hold on one end of a line. It can be sent to another thread or process, which then has it as well. */
export class LineEnd extends SharedObject {
  readonly out: Channel;
  readonly in: Channel;

  constructor(place: Place) {
    super(place);
    const beat = (): void => {
      buryDead(place.memory);
      for (const watch of watches) watch();
    };
    this.out = outgoing(place, this, beat);
    this.in = incoming(place, this, beat);
  }
}

registerReducer(LineEnd, {
  tag: 'multiprocessing.managers.LineEnd',
  dump(end: LineEnd, context): number {
    context.addReference(end);
    return end.place.payload;
  },
  load: (payload: number) => objectAt(new Place(systemMemory(), payload), (place) => new LineEnd(place)),
});

/** A new line's two ends. @throws MemoryError */
export function newLine(): [LineEnd, LineEnd] {
  const both = { readable: true, writable: true };
  const [first, second] = makePipe(systemMemory(), [both, both]);
  return [new LineEnd(first), new LineEnd(second)];
}

/** Makes the frames of this thread; what it gives is good until the next one is made. */
const framing = new Framing(HEAD_BYTES);

export class PipeLine implements Line {
  readonly scope = 'process';
  peer: Peer | null = null;
  readonly #end: LineEnd;
  readonly #out: Channel;
  readonly #in: Channel;
  /** Frames that found no room. */
  readonly #waiting: Message[] = [];
  #stopWaiting: (() => void) | null = null;
  #closed = false;
  readonly #luck = new Luck();

  constructor(end: LineEnd) {
    this.#end = end;
    this.#out = end.out;
    this.#in = end.in;
  }

  send(head: Head, value: unknown, root: string): void {
    if (this.#waiting.length > 0) this.#sendWaiting();
    const message = frameOf(head, messageOf(dumps(value, { scope: 'process', root, attach: true })));
    if (this.#out.put(message, undefined, EVERYTHING) === 'closed') throw gone();
  }

  post(head: Head, value: unknown, root: string): void {
    this.#post(frameOf(head, messageOf(dumps(value, { scope: 'process', root, attach: true }))));
  }

  postError(head: Head, thrown: unknown): void {
    this.#post(frameOf(head, messageOf(dumpsError(thrown, 'process'))));
  }

  take(): Frame {
    for (let frame = this.takeNow(); ; frame = this.takeNow()) {
      if (frame !== null) return frame;
      if (this.#luck.holds) {
        const came = spinFor(systemMemory(), () => this.#in.ready);
        this.#luck.tried(came);
        if (came) continue;
      }
      waitBlocking(systemMemory(), { ...this.#in.readiness(), spins: false }, EVERYTHING);
    }
  }

  takeNow(): Frame | null {
    return frameIn(this.#in.take(0));
  }

  get ready(): boolean {
    return this.#in.ready;
  }

  whenReady(then: () => void, ref: boolean): () => void {
    // A beat may throw when the memory of a dead party is damaged; who looks at the line finds out.
    return awaitTurn(systemMemory(), this.#in.readiness(), then, then, ref);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopWaiting?.();
    for (const message of this.#waiting.splice(0)) discardMessage(message);
    letGo(this.#end);
  }

  #post(message: Message): void {
    if (this.#waiting.length === 0 && this.#fits(message)) {
      // Nobody else sends here, so that there is room. Who has closed the line will be missed elsewhere.
      this.#out.put(message, undefined, 0);
      return;
    }
    keepMessage(message);
    this.#waiting.push(message);
    if (this.#waiting.length === 1) this.#awaitRoom();
  }

  /** Sends what waits as soon as there is room. */
  #awaitRoom(): void {
    let came = false;
    const stop = awaitTurn(
      systemMemory(),
      {
        queue: this.#out.putters,
        attempt: () => this.#waiting.length === 0 || this.#fits(this.#waiting[0]),
        beat: () => this.#out.beat(),
        surplus: () => this.#out.passRoomOn(),
      },
      () => {
        came = true;
        this.#stopWaiting = null;
        while (this.#waiting.length > 0 && this.#fits(this.#waiting[0])) {
          this.#out.put(this.#waiting.shift() as Message, undefined, 0);
        }
        if (this.#waiting.length > 0) setImmediate(() => this.#waiting.length > 0 && this.#awaitRoom());
      },
      () => {},
      true,
    );
    if (!came) this.#stopWaiting = stop;
  }

  /** Sends what waits, blocking: the event loop does not turn meanwhile. */
  #sendWaiting(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    for (const message of this.#waiting.splice(0)) this.#out.put(message, undefined, EVERYTHING);
  }

  #fits({ bytes, attachments }: Message): boolean {
    const { store, limit, state } = this.#out;
    const used = store.words;
    if (used === 0 || state !== 0) return true;
    let length = (bytes as Uint8Array).length;
    for (const attachment of attachments) length += attachment.length;
    return used + (length >>> 2) + RESERVE_WORDS < limit;
  }
}

function frameOf({ kind, number, object, flow }: Head, value: Message): Message {
  const { head } = framing;
  head.writeInt32LE(kind, 0);
  head.writeInt32LE(number, 4);
  head.writeInt32LE(object, 8);
  head.writeInt32LE(flow, 12);
  return framing.around(value);
}

function frameIn(message: Message | 'empty' | 'closed'): Frame | null {
  if (message === 'empty') return null;
  if (message === 'closed') throw new EOFError('the other end of the line is gone');
  return new PipeFrame(message);
}

function gone(): BrokenPipeError {
  return new BrokenPipeError('the other end of the line is gone');
}

class PipeFrame implements Frame {
  readonly kind: number;
  readonly number: number;
  readonly object: number;
  readonly flow: number;
  readonly #message: Message;

  constructor(message: Message) {
    const bytes = message.bytes as Uint8Array;
    this.kind = wordAt(bytes, 0);
    this.number = wordAt(bytes, 4);
    this.object = wordAt(bytes, 8);
    this.flow = wordAt(bytes, 12);
    this.#message = message;
  }

  get namesModules(): boolean {
    const { bytes, start } = pickledPart(HEAD_BYTES, this.#message);
    return namesModules(bytes, start);
  }

  async importModules(): Promise<void> {
    const { bytes, start } = pickledPart(HEAD_BYTES, this.#message);
    await importModules(bytes, start);
  }

  value(): unknown {
    try {
      return loadAfter(HEAD_BYTES, this.#message);
    } finally {
      this.discard();
    }
  }

  discard(): void {
    discardMessage(this.#message);
  }
}
