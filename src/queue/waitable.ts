/** Things that can be waited for together: ends of connections, processes, descriptors. See `connection.wait`. */

import type { Contest } from '../memory/wait.ts';
import type { AsyncWaitSettings } from '../sync/async-wait.ts';

/** How one of them is waited for. */
export interface Waitable {
  /** Whether it is ready just now. */
  isReady(): boolean;
  /** What is to be waited for in the system block, for what lives there. */
  contest?(): Contest;
  /** A descriptor that becomes readable, for what has one. */
  descriptor?(): number;
  /** Waits without blocking; resolves to whether it is ready. */
  waitAsync(wait: AsyncWaitSettings): Promise<boolean>;
}
