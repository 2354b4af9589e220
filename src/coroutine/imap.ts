import { beginWait } from '../memory/flow.ts';
import { Greenlet } from './greenlet.ts';
import { Inbox } from './inbox.ts';
import { sleep } from './sleep.ts';
import { waitFor } from './waiting.ts';
import { type AnyIterable, type Rows, rowsOf } from './zip.ts';

/** Where the calls are run. */
interface Spawner {
  spawn(fn: (...items: unknown[]) => unknown, ...items: unknown[]): Greenlet;
  full(): boolean;
  waitAvailable(): Promise<number>;
}

type Outcome = { end: false; failed: boolean; value: unknown } | { end: true };

/** So many calls are started before everybody else may have a turn, where nothing holds the reading up. */
const BURST = 256;
const FOR_EVER = { milliseconds: Number.POSITIVE_INFINITY };

/** The results of `imap` and `imapUnordered`: to be iterated with `for await`. */
export class GreenletMap<T> implements AsyncIterableIterator<T> {
  readonly #spawner: Spawner;
  readonly #fn: (...items: unknown[]) => unknown;
  readonly #ordered: boolean;
  readonly #reader: Greenlet;
  readonly #outcomes = new Inbox<Outcome>();
  /** Ordered: those that came before their turn. */
  readonly #early = new Map<number, Outcome>();
  #turn = 0;
  #started = 0;
  #ended = 0;
  /** The iterables have been read; with what that has thrown. */
  #allRead = false;
  #failure: { value: unknown } | null = null;
  #over = false;
  /** How many more may be started. */
  #room: number;
  #onRoom: (() => void) | null = null;

  /** @internal */
  constructor(
    spawner: Spawner,
    fn: (...items: unknown[]) => unknown,
    iterables: readonly AnyIterable[],
    maxsize: number,
    ordered: boolean,
  ) {
    this.#spawner = spawner;
    this.#fn = fn;
    this.#ordered = ordered;
    this.#room = maxsize;
    this.#reader = new Greenlet(() => this.#read(rowsOf(iterables)));
    this.#reader.start();
  }

  /** The next result. @throws what the call has thrown, or the reading of an iterable. */
  async next(): Promise<IteratorResult<T, undefined>> {
    beginWait(undefined);
    if (this.#over) return { value: undefined, done: true };
    this.#room++;
    this.#onRoom?.();
    let outcome: Outcome;
    try {
      outcome = await this.#outcomes.take(FOR_EVER, never);
    } catch (error) {
      this.#room--; // nothing was taken
      throw error;
    }
    if (outcome.end) {
      this.#over = true;
      this.#outcomes.put(outcome); // for others that wait
      return { value: undefined, done: true };
    }
    if (outcome.failed) throw outcome.value;
    return { value: outcome.value as T, done: false };
  }

  /** Stops the reading of the iterables; results that nobody has taken are dropped. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.#over = true;
    void this.#reader.kill(undefined, false);
    this.#outcomes.put({ end: true });
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #read(rows: Rows): Promise<void> {
    try {
      for (;;) {
        if (!this.#hasRoom()) await this.#roomForOne();
        const step = rows.next();
        const { value, done } = step instanceof Promise ? await step : step;
        if (done || this.#over) break;
        if (!this.#hasRoom()) await this.#roomForOne();
        this.#start(value);
        if (this.#started % BURST === 0) await sleep(0);
      }
    } catch (error) {
      if (!this.#over) this.#failure = { value: error };
    } finally {
      this.#allRead = true;
      this.#tellIfDone();
      await rows.close();
    }
  }

  #hasRoom(): boolean {
    return this.#room > 0 && !this.#spawner.full();
  }

  async #roomForOne(): Promise<void> {
    while (!this.#hasRoom()) {
      if (this.#room > 0) await this.#spawner.waitAvailable();
      else await waitFor<void>(FOR_EVER, (got) => this.#whenRoom(got), never);
    }
  }

  #whenRoom(got: () => void): () => void {
    const forget = (): void => {
      this.#onRoom = null;
    };
    this.#onRoom = () => {
      if (this.#room <= 0) return;
      forget();
      got();
    };
    return forget;
  }

  #start(items: unknown[]): void {
    const index = this.#started++;
    this.#room--;
    this.#spawner.spawn(this.#fn, ...items).rawlink((greenlet) => {
      this.#ended++;
      const failed = !greenlet.successful();
      this.#tell(index, { end: false, failed, value: failed ? greenlet.exception : greenlet.value });
      this.#tellIfDone();
    });
  }

  #tell(index: number, outcome: Outcome): void {
    if (!this.#ordered) {
      this.#outcomes.put(outcome);
      return;
    }
    this.#early.set(index, outcome);
    for (let next = this.#early.get(this.#turn); next !== undefined; next = this.#early.get(this.#turn)) {
      this.#early.delete(this.#turn++);
      this.#outcomes.put(next);
    }
  }

  #tellIfDone(): void {
    if (!this.#allRead || this.#ended < this.#started) return;
    if (this.#failure !== null) this.#outcomes.put({ end: false, failed: true, value: this.#failure.value });
    this.#outcomes.put({ end: true });
  }
}

function never(): never {
  throw new Error('a wait without a time-out has timed out');
}
