/**
 * Storms of random operations, time-outs, aborts and kills on every primitive, on every memory:
 * `node --import tsx test/soak/sync.ts [SECONDS]` (60 for each storm by default). Ends with 1 if an account is wrong.
 */

import { claims } from '../fixtures/sync/storm.ts';
import { removeBuilds, runScenario, VARIANTS } from '../sync/run-scenario.ts';

const storm = Number(process.argv[2] ?? 60);
let failed = 0;
for (const variant of VARIANTS) {
  for (const claim of Object.keys(claims)) {
    try {
      const result = await runScenario(variant, claim, { storm, seconds: storm + 60 });
      console.log(`${variant}: ${claim}${result === null ? '' : `: ${JSON.stringify(result)}`}`);
    } catch (error) {
      failed++;
      console.error(`${variant}: NOT SO: ${claim}\n${(error as Error).message}`);
    }
  }
}
removeBuilds();
process.exitCode = failed === 0 ? 0 : 1;
