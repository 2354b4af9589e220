/**
 * The lock under every lock: mutual exclusion in one word, with a queue for those who wait.
 *
 * ```
 * +0 WORD   0: free   otherwise `owner << 1 | CONTENDED`, with the id of the party that took it (party.ts)
 * +1 wait queue of 4 words
 * +5 who acquired it and where, in 2 words, while deadlocks are detected (deadlock.ts)
 * ```
 *
 * CONTENDED is set by everybody who takes the lock, or finds it taken, with somebody waiting; only then does a release
 * look at the queue. So an uncontended pair is two compare-and-swaps. (Drepper, "Futexes Are Tricky", third mutex; the
 * queue and the hand-over are parking_lot's.)
 *
 * A newcomer may overtake a waiter that has just been woken; a waiter that was overtaken for a millisecond gets the
 * lock handed: the word goes from the one owner to the other without being free in between.
 *
 * The owner may die. Waiters look at every beat; who finds out takes the lock over, sets it free, and throws
 * {@link OwnerDiedError}: the state that the lock guards may be half changed, and somebody has to know.
 */

import { OwnerDiedError } from '../errors.ts';
import { beginWait } from '../memory/flow.ts';
import { DEADLOCK_DETECTION } from '../memory/layout.ts';
import type { Memory } from '../memory/memory.ts';
import { type AsyncWait, type Contest, waitAsync, waitBlocking } from '../memory/wait.ts';
import { HANDED, WAIT_QUEUE_WORDS, WaitQueue, WOKEN } from '../memory/wait-queue.ts';
import { noteAcquired, textHere, WatchedWait } from './deadlock.ts';

const CONTENDED = 1;
const WATCH_WORDS = 2;
export const MUTEX_WORDS = 1 + WAIT_QUEUE_WORDS + WATCH_WORDS;

export class Mutex {
  readonly memory: Memory;
  readonly queue: WaitQueue;
  readonly base: number;
  readonly name: string;
  readonly #word: number;

  constructor(memory: Memory, base: number, name: string, owner: object) {
    this.memory = memory;
    this.base = base;
    this.name = name;
    this.#word = base;
    this.queue = new WaitQueue(memory, base + 1, owner);
  }

  /** Takes the lock if it is free. */
  tryAcquire(): boolean {
    const w = this.memory.i32;
    if (Atomics.compareExchange(w, this.#word, 0, this.memory.parties.self << 1) !== 0) return false;
    // A plain read: it costs nothing, and nobody minds if the detection is noticed a little late.
    if (w[DEADLOCK_DETECTION] !== 0) noteAcquired(this);
    return true;
  }

  /** Takes the lock, blocking for `milliseconds` at most. @throws OwnerDiedError */
  acquire(milliseconds: number): boolean {
    if (this.tryAcquire()) return true;
    this.#checkOwner((owner) => this.memory.parties.hasMovedOn(owner));
    if (milliseconds <= 0) return this.attemptOnce(this.#noting(nothing));
    if (this.memory.i32[DEADLOCK_DETECTION] !== 0) return this.#acquireWatched(milliseconds);
    return waitBlocking(this.memory, new BlockingTurn(this), milliseconds);
  }

  #acquireWatched(milliseconds: number): boolean {
    // Who waits with a time-out will give up: that is no part of a deadlock.
    const watch = milliseconds === Number.POSITIVE_INFINITY ? new WatchedWait(this) : null;
    try {
      if (!waitBlocking(this.memory, new BlockingTurn(this, watch), milliseconds)) return false;
      noteAcquired(this, watch?.text);
      return true;
    } finally {
      watch?.end();
    }
  }

  /**
   * Takes the lock without blocking the thread. Rejects with the signal's reason, or an OwnerDiedError. `won` is called
   * at the moment at which the lock is taken: when the promise is heard of, other code of this thread has run.
   */
  async acquireAsync(options: AsyncWait, won: () => void = nothing): Promise<boolean> {
    beginWait(options.signal);
    won = this.#noting(won);
    if (this.attemptOnce(won)) return true;
    this.#checkOwner((owner) => this.memory.parties.hasMovedOn(owner));
    if (options.milliseconds !== undefined && options.milliseconds <= 0) return this.attemptOnce(won);
    return waitAsync(this.memory, new AsyncTurn(this, won), options);
  }

  /** While deadlocks are detected, the place of this call is what is noted, not that of the event loop. */
  #noting(won: () => void): () => void {
    if (this.memory.i32[DEADLOCK_DETECTION] === 0) return won;
    const text = textHere(this.memory);
    return () => {
      noteAcquired(this, text);
      won();
    };
  }

  /** Sets the lock free, whoever took it. Returns false if it is free already. */
  release(): boolean {
    const w = this.memory.i32;
    const word = Atomics.load(w, this.#word);
    if (word > CONTENDED && (word & CONTENDED) === 0 && Atomics.compareExchange(w, this.#word, word, 0) === word) {
      return true;
    }
    return this.#releaseSlow();
  }

  /** The party that has the lock, 0 if it is free. */
  get owner(): number {
    return Atomics.load(this.memory.i32, this.#word) >>> 1;
  }

  /** One attempt without waiting. */
  attemptOnce(won: () => void): boolean {
    if (!this.attempt(false)) return false;
    won();
    return true;
  }

  /** For {@link Contest}: takes the lock if it is free. A failed contended attempt makes the next release look. */
  attempt(contended: boolean): boolean {
    const w = this.memory.i32;
    for (;;) {
      const word = Atomics.load(w, this.#word);
      if (word <= CONTENDED) {
        const mine = (this.memory.parties.self << 1) | (contended ? CONTENDED : word);
        if (Atomics.compareExchange(w, this.#word, word, mine) === word) return true;
      } else if (!contended || (word & CONTENDED) !== 0) {
        return false;
      } else if (Atomics.compareExchange(w, this.#word, word, word | CONTENDED) === word) {
        return false;
      }
    }
  }

  beat(): boolean {
    this.#checkOwner((owner) => !this.memory.parties.isAlive(owner));
    return false;
  }

  surplus(handed: boolean): void {
    if (handed) this.release();
    else if (this.owner === 0) this.queue.wake(1);
  }

  /** If the owner is dead by `isDead`, frees the lock and tells the caller. */
  #checkOwner(isDead: (owner: number) => boolean): void {
    const word = Atomics.load(this.memory.i32, this.#word);
    const owner = word >>> 1;
    if (owner === 0 || !isDead(owner)) return;
    const mine = (this.memory.parties.self << 1) | CONTENDED;
    if (Atomics.compareExchange(this.memory.i32, this.#word, word, mine) !== word) return;
    const { pid, tid } = this.memory.parties.kernelIds(owner);
    this.release();
    throw new OwnerDiedError(
      `${this.name}: its holder (thread ${tid} of process ${pid}) ended without releasing it. What the lock guards ` +
        'may be half changed: check it, then acquire again; the lock is free now.',
    );
  }

  #releaseSlow(): boolean {
    const w = this.memory.i32;
    let held = true;
    this.queue.wakeFirst((node, more) => {
      if (Atomics.load(w, this.#word) <= CONTENDED) {
        held = false;
        return WOKEN;
      }
      const flag = more ? CONTENDED : 0;
      const next = node !== 0 && this.queue.isStarving(node) ? this.queue.partyOf(node) : 0;
      if (next !== 0 && this.memory.parties.isPresent(next)) {
        Atomics.store(w, this.#word, (next << 1) | flag);
        return HANDED;
      }
      Atomics.store(w, this.#word, flag);
      return WOKEN;
    });
    return held;
  }
}

/** A blocking wait. A thread that blocks can come to own the lock in one way only: by being handed it. */
class BlockingTurn implements Contest {
  readonly queue: WaitQueue;
  readonly #mutex: Mutex;
  readonly #watch: WatchedWait | null;
  readonly #ownedBefore: boolean;
  /** The hand-over was seen before it was told. */
  #seen = false;

  constructor(mutex: Mutex, watch: WatchedWait | null = null) {
    this.#mutex = mutex;
    this.#watch = watch;
    this.queue = mutex.queue;
    this.#ownedBefore = mutex.owner === mutex.memory.parties.self;
  }

  attempt(contended: boolean): boolean {
    return this.#mutex.attempt(contended);
  }

  beat(): boolean {
    // The party that hands it over may be about to say so, or may have been killed before it could.
    if (!this.#ownedBefore && this.#mutex.owner === this.#mutex.memory.parties.self) {
      this.#seen = true;
      return true;
    }
    this.#watch?.check();
    return this.#mutex.beat();
  }

  surplus(handed: boolean): void {
    if (!this.#seen) this.#mutex.surplus(handed);
  }
}

class AsyncTurn implements Contest {
  readonly queue: WaitQueue;
  readonly #mutex: Mutex;
  readonly #won: () => void;

  constructor(mutex: Mutex, won: () => void) {
    this.#mutex = mutex;
    this.queue = mutex.queue;
    this.#won = won;
  }

  attempt(contended: boolean): boolean {
    if (!this.#mutex.attempt(contended)) return false;
    this.#won();
    return true;
  }

  beat(): boolean {
    return this.#mutex.beat();
  }

  surplus(handed: boolean): void {
    this.#mutex.surplus(handed);
  }
}

function nothing(): void {}
