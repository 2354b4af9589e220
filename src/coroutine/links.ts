/** Who wants to know that a greenlet has ended. */

import { outsideFlows } from '../memory/flow.ts';
import { describe } from '../sync/timeout.ts';
import { reportFollowing } from './report.ts';

interface Link {
  /** By which it is known. */
  readonly callback: unknown;
  call(greenlet: object): unknown;
}

export class Links {
  readonly #links: Link[] = [];

  /** @throws TypeError `callback` is no function */
  add(callback: unknown, call: (greenlet: never) => unknown, who: string): void {
    if (typeof callback !== 'function') throw new TypeError(`${who}: needs a function, not ${describe(callback)}`);
    this.#links.push({ callback, call: call as (greenlet: object) => unknown });
  }

  /** Removes the first link with this callback. */
  remove(callback: unknown): void {
    const index = this.#links.findIndex((link) => link.callback === callback);
    if (index !== -1) this.#links.splice(index, 1);
  }

  clear(): void {
    this.#links.length = 0;
  }

  /** Has them called when what runs now comes to its next `await`, in no flow. */
  notifySoon(greenlet: object): void {
    if (this.#links.length > 0) void outsideFlows(() => soon.then(() => this.#notify(greenlet)));
  }

  /** Calls them in order. They may add others, and remove those that have not been called. */
  #notify(greenlet: object): void {
    for (let link = this.#links.shift(); link !== undefined; link = this.#links.shift()) {
      try {
        link.call(greenlet);
      } catch (error) {
        reportFollowing('a link', greenlet, error);
      }
    }
  }
}

const soon = Promise.resolve();
