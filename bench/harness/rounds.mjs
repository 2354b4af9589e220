/**
 * Measures contestants side by side: one round of each in turn (A B C A B C …), so that whatever else the machine does
 * falls on all of them, and then the median of each. `rounds` has all that was measured, for {@link paired}.
 *
 * @template {string} K
 * @param {number} rounds
 * @param {Record<K, (() => number | Promise<number>) | null>} contestants each measures one round; null: is not here
 * @returns {Promise<Record<K, number | null> & { rounds: Record<K, number[]> }>}
 */
export async function interleave(rounds, contestants) {
  const found = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  // One round before that does not count: code gets compiled, caches fill.
  for (let round = -1; round < rounds; round++) {
    for (const [name, measure] of Object.entries(contestants)) {
      if (measure === null) continue;
      const value = await measure();
      if (round >= 0) found[name].push(value);
    }
  }
  const medians = Object.fromEntries(Object.entries(found).map(([name, values]) => [name, median(values)]));
  return { ...medians, rounds: found };
}

/**
 * What a row says of two contestants whose rounds are compared one by one: the ratio is the median of those of neighbours.
 * A machine whose speed changes every few seconds spoils the ratio of the medians, and not this.
 */
export function paired(found, ours, theirs) {
  const ratios = found.rounds[ours].map((value, round) => value / found.rounds[theirs][round]);
  return { ours: found[ours], theirs: found[theirs], ratio: median(ratios) };
}

export function median(values) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Seconds that `count` turns of `fn` take, for each turn. */
export function perTurn(count, fn) {
  const start = performance.now();
  fn(count);
  return (performance.now() - start) / 1000 / count;
}
