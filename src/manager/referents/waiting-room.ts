/** The call that waits; its caller may give up. */
interface Caller {
  readonly signal: AbortSignal;
}

interface Guest<G> {
  readonly what: G;
  settle(admitted: boolean): void;
  fail(error: unknown): void;
}

/** setTimeout holds 31 bits of milliseconds. */
const LONGEST = 0x7fff_ffff;

/** Calls of a server that wait, first come first served. Nothing blocks, so that no step is seen half done. */
export class WaitingRoom<G = undefined> {
  readonly #guests = new Set<Guest<G>>();

  /** What the first that waits came for. */
  get first(): G | undefined {
    for (const { what } of this.#guests) return what;
    return undefined;
  }

  /** Waits to be admitted; false when the time has passed. @throws the reason of the call's abort */
  enter({ signal }: Caller, milliseconds: number, what: G): Promise<boolean> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const leave = (): void => {
        this.#guests.delete(guest);
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      const guest: Guest<G> = {
        what,
        settle: (admitted) => {
          leave();
          resolve(admitted);
        },
        fail: (error) => {
          leave();
          reject(error);
        },
      };
      const onAbort = (): void => guest.fail(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      if (milliseconds !== Number.POSITIVE_INFINITY) {
        timer = setTimeout(() => guest.settle(false), Math.min(milliseconds, LONGEST));
      }
      this.#guests.add(guest);
    });
  }

  /** Admits the first that waits; returns what it came for, undefined if nobody waits. */
  admit(): { what: G } | undefined {
    for (const guest of this.#guests) {
      guest.settle(true);
      return guest;
    }
    return undefined;
  }

  /** Sends the first that waits away with an error; false if nobody waits. */
  fail(error: unknown): boolean {
    for (const guest of this.#guests) {
      guest.fail(error);
      return true;
    }
    return false;
  }
}
