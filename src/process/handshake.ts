import { AuthenticationError, EOFError, OSError } from '../errors.ts';
import { loadSockets } from '../memory/libc-sockets.ts';
import { answerTo, Challenge, isWelcome, LONGEST_FRAME } from './challenge.ts';
import { Frame, FrameBuffer } from './framing.ts';

/** The peer did not speak the protocol: it sent something else, broke off or said nothing. */
export class NotOfTheProtocol extends OSError {}

type Step = 'challenged' | 'asked' | 'answered' | 'done';

/**
 * The introduction of two programs, on one side and without waiting: {@link proceed} does what can be done with what
 * has come. So one thread can have any number of introductions under way, and nobody holds up the others.
 *
 * | listener | | client |
 * | --- | --- | --- |
 * | challenges (`challenged`) | → | (`asked`) answers |
 * | tells its verdict (`asked`) | → | (`answered`) challenges (`challenged`) |
 * | answers (`answered`) | ← | |
 * | done | ← | tells its verdict, done |
 */
export class Introduction {
  readonly descriptor: number;
  /** What has come beyond the introduction is the connection's. */
  readonly frames = new FrameBuffer();
  /** When it must be over, as `performance.now()` counts. */
  deadline: number;
  readonly #listening: boolean;
  readonly #key: Uint8Array;
  readonly #challenge: Challenge;
  #step: Step;

  /** Takes a connected socket, which stays the caller's to close. */
  constructor(role: 'listener' | 'client', descriptor: number, key: Uint8Array, milliseconds: number) {
    this.descriptor = descriptor;
    this.deadline = performance.now() + milliseconds;
    this.#listening = role === 'listener';
    this.#key = key;
    this.#challenge = new Challenge(key);
    this.#step = this.#listening ? 'challenged' : 'asked';
    if (this.#listening) this.#send(this.#challenge.question);
  }

  /**
   * True: each knows that the other has the key. False: more has to come.
   * @throws AuthenticationError the key is wrong. @throws NotOfTheProtocol @throws EOFError the peer is gone.
   */
  proceed(): boolean {
    for (;;) {
      const length = this.#length();
      if (length > LONGEST_FRAME)
        throw new NotOfTheProtocol(`a frame of ${length} bytes is none of the introduction's`);
      const frame = this.frames.take();
      if (frame !== undefined) {
        this.#receive(frame);
        if (this.#step === 'done') return true;
        continue;
      }
      const count = loadSockets().receive(this.descriptor, this.frames.room());
      if (count === -1) return false;
      if (count === 0) throw new EOFError('the other end is gone before both have shown that they know the key');
      this.frames.added(count);
    }
  }

  #length(): number {
    try {
      return this.frames.length() ?? 0;
    } catch (cause) {
      throw new NotOfTheProtocol((cause as Error).message, { cause });
    }
  }

  #receive(frame: Buffer): void {
    switch (this.#step) {
      case 'asked':
        this.#send(answerTo(frame, this.#key));
        this.#step = 'answered';
        return;
      case 'answered':
        if (!isWelcome(frame)) throw new AuthenticationError('digest sent was rejected: the other end has another key');
        if (this.#listening) this.#step = 'done';
        else {
          this.#send(this.#challenge.question);
          this.#step = 'challenged';
        }
        return;
      default: {
        const { welcome, reply } = this.#challenge.verdict(frame);
        this.#send(reply);
        if (!welcome) throw new AuthenticationError('digest received was wrong: the other end has another key');
        this.#step = this.#listening ? 'asked' : 'done';
      }
    }
  }

  /** There is always room for such a frame, unless the peer does not want to read. */
  #send(message: Buffer): void {
    const frame = new Frame(message);
    const { bytes } = frame.rest();
    if (loadSockets().send(this.descriptor, bytes, false) < bytes.length) {
      throw new NotOfTheProtocol('the other end does not read');
    }
  }
}

/** A key that was given, as bytes. @throws TypeError */
export function checkKey(authkey: unknown, who: string): Uint8Array | undefined {
  if (authkey === undefined || authkey === null) return undefined;
  if (authkey instanceof Uint8Array) return Uint8Array.from(authkey);
  throw new TypeError(`${who}: authkey must be bytes (a Buffer, a Uint8Array), not ${typeof authkey}`);
}
