/** How far a map has come, on a terminal, in a log, or for one's own function. */

import { createRequire } from 'node:module';
import { writeFully } from '../thread/output.ts';
import { callReporting, callSoon } from './due-callbacks.ts';

/** Is told how many items are done, of how many (`null`: nobody knows yet). */
export type ProgressCallback = (done: number, total: number | null) => unknown;

/** In a log a line is written at most this often. */
const LINE_MILLISECONDS = 1000;

/** What to tell of each chunk that has ended, with its number of items; null if nobody wants to know. */
export function progressReporter(
  progress: boolean | ProgressCallback,
  total: number | null,
): ((items: number) => void) | null {
  if (progress === false) return null;
  const show = typeof progress === 'function' ? progress : process.stderr.isTTY ? bar(total) : lines();
  let done = 0;
  let asked = false;
  return (items) => {
    done += items;
    if (asked) return;
    asked = true;
    callSoon(() => {
      asked = false;
      callReporting((now: number) => show(now, total), done, 'progress');
    });
  };
}

function bar(total: number | null): ProgressCallback {
  const { SingleBar, Presets } = createRequire(import.meta.url)('cli-progress') as typeof import('cli-progress');
  const began = performance.now();
  const format = '{bar} {percentage} % | {value}/{total} | {rate}/s | {eta_formatted} left';
  const drawn = new SingleBar(
    { format, stream: process.stderr, clearOnComplete: false, hideCursor: true },
    Presets.shades_classic,
  );
  drawn.start(total ?? 0, 0, { rate: '-' });
  return (done) => {
    const rate = Math.round((done * 1000) / Math.max(performance.now() - began, 1));
    if (total === null) drawn.setTotal(done);
    drawn.update(done, { rate });
    if (done === total) drawn.stop();
  };
}

function lines(): ProgressCallback {
  const began = performance.now();
  let last = began;
  return (done, total) => {
    const now = performance.now();
    if (done !== total && now - last < LINE_MILLISECONDS) return;
    last = now;
    const rate = (done * 1000) / Math.max(now - began, 1);
    const left = total === null ? '' : `, ${Math.ceil((total - done) / rate)} s left`;
    writeFully(
      2,
      `${done}${total === null ? '' : ` of ${total}`} done, ${Math.round(rate)}/s${done === total ? '' : left}\n`,
    );
  };
}
