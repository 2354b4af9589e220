// What the pools of pool.mjs are given to do. Piscina and tinypool load this file.

export function same(x) {
  return x;
}

export function lengthOf(bytes) {
  return bytes.byteLength;
}

/** Keeps its processor busy. */
export function spin(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
  return milliseconds;
}

/** A fixed amount of work: primes below a number. */
export function primes(below) {
  let count = 0;
  next: for (let n = 2; n < below; n++) {
    for (let d = 2; d * d <= n; d++) if (n % d === 0) continue next;
    count++;
  }
  return count;
}
