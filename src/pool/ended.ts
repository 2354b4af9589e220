import { outsideFlows } from '../memory/flow.ts';

/** Resolves when the futures have ended, however; what is raised in the flow that asks is for that flow, and ends nothing. */
export function ended(futures: readonly PromiseLike<unknown>[]): Promise<unknown> {
  return outsideFlows(() => Promise.all(futures.map((future) => future.then(nothing, nothing))));
}

function nothing(): void {}
