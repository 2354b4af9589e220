import { ShutDown } from '../errors.ts';

/** What `get` gives, until the queue has been shut down and is empty. */
export function* untilShutDown<T>(get: () => T): IterableIterator<T> {
  for (;;) {
    try {
      yield get();
    } catch (error) {
      if (error instanceof ShutDown) return;
      throw error;
    }
  }
}

/** The same while the event loop goes on. */
export async function* untilShutDownAsync<T>(get: () => Promise<T>): AsyncIterableIterator<T> {
  for (;;) {
    try {
      yield await get();
    } catch (error) {
      if (error instanceof ShutDown) return;
      throw error;
    }
  }
}
