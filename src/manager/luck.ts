/**
 * Whether to look a moment for what is likely to come, before one sleeps until it does. Being woken takes longer than a
 * whole call, but on a machine whose processors are busy a spin takes the time of the very thread that is waited for:
 * after a few in vain, none is made but every so often.
 */
export class Luck {
  #left = MOST;
  #skipped = 0;

  /** Whether to try. */
  get holds(): boolean {
    return this.#left > 0 || (++this.#skipped & RARELY) === 0;
  }

  /** How it went. */
  tried(came: boolean): void {
    this.#left = came ? MOST : Math.max(this.#left - 1, 0);
  }
}

const MOST = 4;
const RARELY = 15;
