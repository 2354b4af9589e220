import { afterAll, describe, test } from 'vitest';
import type { Claims } from '../fixtures/sync/world.ts';
import { removeBuilds, runScenario, VARIANTS } from './run-scenario.ts';

/**
 * Proves claims on every memory, each in a program of its own. `alone`: one after the other, since they are about time
 * or keep all processors busy.
 */
export function proveOnEachMemory(claims: Claims, { alone = false, seconds = 40 } = {}): void {
  afterAll(removeBuilds);
  for (const variant of VARIANTS) {
    (alone ? describe : describe.concurrent)(variant, () => {
      for (const claim of Object.keys(claims)) {
        test(claim, () => runScenario(variant, claim, { seconds }), (seconds + 5) * 1000);
      }
    });
  }
}
