import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Row
 * @property {string} name what is measured
 * @property {number} ours seconds of one operation (or operations a second, if `rate`)
 * @property {string} [against] what it is compared with
 * @property {number | null} [theirs] the same for that; null: it is not on this machine
 * @property {number | null} [ratio] ours / theirs, where that is not simply the ratio of the two (see rounds.mjs)
 * @property {boolean} [rate] the figures are operations a second
 * @property {{ atMost?: number, atLeast?: number, seconds?: number }} [target] `atMost`: of the time, ours / theirs;
 *   `atLeast`: of the rate, ours / theirs, or of the time, theirs / ours; `seconds`: ours, at most
 * @property {string} [note]
 */

/** A row's ratio as a reader wants it, and whether it keeps to the target. */
export function judge(row) {
  const { ours, theirs, rate, target } = row;
  const known = typeof theirs === 'number' && theirs > 0;
  let ratio = null;
  let text = known ? '' : '-';
  if (known) {
    const faster = !rate && target?.atLeast !== undefined;
    const quotient = row.ratio ?? ours / theirs;
    ratio = faster ? 1 / quotient : quotient;
    text = `${figure(ratio)} × ${rate ? 'the rate' : faster ? 'faster' : 'the time'}`;
  }
  if (target === undefined) return { ratio, text, target: '', verdict: '' };
  if (target.seconds !== undefined) {
    return { ratio, text, target: `≤ ${time(target.seconds)}`, verdict: ours <= target.seconds ? 'met' : 'MISSED' };
  }
  const limit = target.atMost ?? target.atLeast;
  const wanted = target.atMost === undefined ? `≥ ${limit} × ${rate ? 'the rate' : 'faster'}` : `≤ ${limit} × the time`;
  if (ratio === null) return { ratio, text, target: wanted, verdict: 'not measured' };
  const met = target.atMost === undefined ? ratio >= limit : ratio <= limit;
  return { ratio, text, target: wanted, verdict: met ? 'met' : 'MISSED' };
}

/** Prints the rows of one topic as a table. */
export function printTable(title, rows) {
  const lines = rows.map((row) => {
    const { text, target, verdict } = judge(row);
    const show = row.rate ? rateText : time;
    const theirs = row.against === undefined ? '' : row.theirs === null ? 'not here' : show(row.theirs);
    return [
      row.name,
      show(row.ours),
      row.against ?? '',
      theirs,
      row.against === undefined ? '' : text,
      target,
      verdict,
    ];
  });
  const head = ['', 'threadwork', 'against', '', 'ratio', 'target', ''];
  const widths = head.map((_, i) => Math.max(...[head, ...lines].map((line) => line[i].length)));
  const right = new Set([1, 3]);
  const print = (line) =>
    console.log(
      line
        .map((cell, i) => (right.has(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
        .join('  ')
        .trimEnd(),
    );
  console.log(`\n${title}`);
  print(head);
  print(widths.map((width) => '─'.repeat(width)));
  for (const line of lines) print(line);
  for (const note of new Set(rows.map((row) => row.note).filter(Boolean))) console.log(`  ${note}`);
}

/** Runs a topic when its file was started by itself. */
export async function runAlone(url, title, rows) {
  if (argv[1] === undefined || fileURLToPath(url) !== argv[1]) return;
  printTable(title, await rows());
  process.exit(); // what a contestant left open does not matter
}

function figure(value) {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function time(seconds) {
  if (seconds < 1e-6) return `${figure(seconds * 1e9)} ns`;
  if (seconds < 1e-3) return `${figure(seconds * 1e6)} µs`;
  return `${figure(seconds * 1e3)} ms`;
}

function rateText(rate) {
  return rate >= 1e6 ? `${figure(rate / 1e6)} M/s` : `${figure(rate / 1e3)} k/s`;
}
