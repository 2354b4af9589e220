/**
 * The inner side of a suite: cases that block the main thread, kill processes or end the program run in a child
 * process, under a watchdog. A suite is a file that calls `suite({ 'claim': async () => { … } })`.
 *
 * `node FILE --list` prints the claims; `node FILE` runs them all, or those after `--only`.
 */

import { writeSync } from 'node:fs';
import { inspect } from 'node:util';

export async function suite(cases) {
  if (process.argv[2] === '--list') {
    writeSync(1, `${JSON.stringify(Object.keys(cases))}\n`);
    return;
  }
  const only = process.argv[2] === '--only' ? process.argv.slice(3) : Object.keys(cases);
  for (const claim of only) {
    report({ claim, state: 'begun' });
    try {
      await cases[claim]();
      report({ claim, state: 'passed' });
    } catch (error) {
      report({ claim, state: 'failed', error: inspect(error) });
    }
  }
  report({ state: 'finished' });
}

function report(line) {
  writeSync(2, `@@${JSON.stringify(line)}\n`);
}
