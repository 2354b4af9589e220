import { AuthenticationError } from '../errors.ts';
import { attendInterruptions } from '../memory/interruption.ts';
import { loadSockets, type Polled } from '../memory/libc-sockets.ts';
import { FrameBuffer } from './framing.ts';
import { Introduction } from './handshake.ts';
import { whenReadable } from './readiness.ts';
import { addressOf } from './socket-address.ts';

/**
 * So many peers may be in their introduction at once. When more come, the one that has been at it for longest is sent
 * away: who knows the key needs a moment, so that a crowd of those who say nothing cannot fill the room.
 */
const MOST_AT_ONCE = 256;

/** A peer that has been let in. */
export interface Guest {
  descriptor: number;
  frames: FrameBuffer;
  address: readonly [string, number] | string;
}

/** Somebody who waits for a guest in the event loop. */
export interface Host {
  welcome(guest: Guest): void;
  fail(error: unknown): void;
}

/**
 * Lets peers in at a listening socket. All that are there are introduced side by side, and the first that is through
 * is the first to be given away: one that is slow, or never speaks, holds up nobody and is sent away in the end.
 *
 * Peers are only seen to while somebody waits for one. So the time that each has does not run in between.
 */
export class Reception {
  readonly #descriptor: number;
  readonly #key: Uint8Array | undefined;
  readonly #patience: number;
  readonly #introductions = new Map<Introduction, Guest>();
  readonly #guests: Guest[] = [];
  /** Those who have the key wrong, for whoever waits next. */
  readonly #impostors: AuthenticationError[] = [];
  readonly #hosts: Host[] = [];
  /** What waits for the descriptors in the event loop, and calls that off. */
  readonly #sensors = new Map<number, () => void>();
  #timer: NodeJS.Timeout | undefined;
  /** When the last one who waited went away. */
  #left = 0;
  #blocking = 0;

  constructor(descriptor: number, key: Uint8Array | undefined, patienceMilliseconds: number) {
    this.#descriptor = descriptor;
    this.#key = key;
    this.#patience = patienceMilliseconds;
  }

  /** Waits for a guest, blocking; undefined when the time has passed. @throws AuthenticationError, OSError */
  await(milliseconds: number): Guest | undefined {
    const until = performance.now() + milliseconds;
    this.#arrive();
    this.#blocking++;
    try {
      for (;;) {
        attendInterruptions();
        const guest = this.#next();
        if (guest !== undefined) return guest;
        const now = performance.now();
        if (now >= until) return undefined;
        loadSockets().poll(this.#watched(), Math.min(until, this.#nextDeadline()) - now);
      }
    } finally {
      this.#blocking--;
      this.#leave();
      // What was let in meanwhile, and is not through or was not given away, no sensor tells of.
      if (this.#hosts.length > 0) setImmediate(() => this.#serve());
    }
  }

  /** Waits for a guest in the event loop. @returns what ends that */
  awaitAsync(host: Host): () => void {
    this.#arrive();
    this.#hosts.push(host);
    this.#serve();
    return () => {
      const index = this.#hosts.indexOf(host);
      if (index !== -1) this.#hosts.splice(index, 1);
      this.#rest();
    };
  }

  /** Sends everybody away. */
  close(error: unknown): void {
    for (const host of this.#hosts.splice(0)) host.fail(error);
    this.#rest();
    const sockets = loadSockets();
    for (const { descriptor } of [...this.#introductions.values(), ...this.#guests.splice(0)])
      sockets.close(descriptor);
    this.#introductions.clear();
  }

  /** The time of those who are in their introduction runs again. */
  #arrive(): void {
    if (this.#hosts.length > 0 || this.#blocking > 0) return;
    const pause = performance.now() - this.#left;
    for (const introduction of this.#introductions.keys()) introduction.deadline += pause;
  }

  #leave(): void {
    if (this.#hosts.length === 0 && this.#blocking === 0) this.#left = performance.now();
  }

  /** Does all that can be done without waiting, and gives the first who is through. */
  #next(): Guest | undefined {
    this.#admit();
    for (const introduction of [...this.#introductions.keys()]) this.#proceed(introduction);
    const impostor = this.#impostors.shift();
    if (impostor !== undefined) throw impostor;
    return this.#guests.shift();
  }

  #admit(): void {
    const sockets = loadSockets();
    for (let i = 0; i < MOST_AT_ONCE; i++) {
      const accepted = sockets.accept(this.#descriptor);
      if (accepted === undefined) return;
      const { descriptor } = accepted;
      const address = addressOf(accepted.address);
      const guest: Guest = { descriptor, frames: new FrameBuffer(), address };
      try {
        if (typeof address !== 'string') sockets.disableDelay(descriptor);
        if (this.#key === undefined) {
          this.#guests.push(guest);
          return; // the others may as well wait outside
        }
        const introduction = new Introduction('listener', descriptor, this.#key, this.#patience);
        guest.frames = introduction.frames;
        this.#introductions.set(introduction, guest);
        if (this.#introductions.size <= MOST_AT_ONCE) continue;
        const [[oldest, sentAway]] = this.#introductions;
        this.#introductions.delete(oldest);
        this.#dismiss(sentAway);
      } catch {
        sockets.close(descriptor); // it is gone already
      }
    }
  }

  #proceed(introduction: Introduction): void {
    const guest = this.#introductions.get(introduction) as Guest;
    try {
      if (introduction.proceed()) {
        this.#unwatch(guest);
        this.#guests.push(guest);
      } else if (performance.now() < introduction.deadline) return;
      else this.#dismiss(guest); // it has said nothing, or not enough
    } catch (error) {
      this.#dismiss(guest);
      // Who answers wrongly is worth knowing of. Who does not speak the protocol at all happens to come by.
      if (error instanceof AuthenticationError) this.#impostors.push(error);
    }
    this.#introductions.delete(introduction);
  }

  #dismiss(guest: Guest): void {
    this.#unwatch(guest);
    loadSockets().close(guest.descriptor);
  }

  #unwatch({ descriptor }: Guest): void {
    this.#sensors.get(descriptor)?.();
    this.#sensors.delete(descriptor);
  }

  #watched(): Polled[] {
    const polled = [...this.#introductions.values()].map(({ descriptor }) => ({ descriptor }));
    polled.push({ descriptor: this.#descriptor });
    return polled;
  }

  #nextDeadline(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { deadline } of this.#introductions.keys()) first = Math.min(first, deadline);
    return first;
  }

  /** Gives guests to those who wait in the event loop, and has it call again. */
  #serve(): void {
    while (this.#hosts.length > 0) {
      let guest: Guest | undefined;
      try {
        guest = this.#next();
      } catch (error) {
        this.#hosts.shift()?.fail(error);
        continue;
      }
      if (guest === undefined) break;
      this.#hosts.shift()?.welcome(guest);
    }
    this.#rest();
    if (this.#hosts.length > 0) this.#watch();
  }

  #watch(): void {
    try {
      for (const { descriptor } of this.#watched()) {
        if (this.#sensors.has(descriptor)) continue;
        const ready = (): void => {
          this.#sensors.delete(descriptor);
          this.#serve();
        };
        this.#sensors.set(descriptor, whenReadable(descriptor, ready));
      }
    } catch (error) {
      for (const host of this.#hosts.splice(0)) host.fail(error);
      this.#rest();
      return;
    }
    clearTimeout(this.#timer);
    const deadline = this.#nextDeadline();
    if (deadline === Number.POSITIVE_INFINITY) return;
    const milliseconds = Math.min(Math.max(deadline - performance.now(), 0), 0x7fff_ffff);
    this.#timer = setTimeout(() => this.#serve(), Math.ceil(milliseconds));
  }

  /** Nobody waits in the event loop any more: it is not to be kept going. */
  #rest(): void {
    if (this.#hosts.length > 0) return;
    this.#leave();
    clearTimeout(this.#timer);
    for (const cancel of this.#sensors.values()) cancel();
    this.#sensors.clear();
  }
}
