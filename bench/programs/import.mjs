// Prints the seconds that an import takes; under import-hooks.mjs, what it loads.
import { createRequire } from 'node:module';

const start = performance.now();
await import(process.argv[2]);
const seconds = (performance.now() - start) / 1000;
if (process.execArgv.includes('--import')) {
  for (const path of Object.keys(createRequire(import.meta.url).cache)) console.log(path);
  for (const name of ['koffi', 'inspector']) {
    if (process.moduleLoadList.includes(`NativeModule ${name}`)) console.log(`node:${name}`);
  }
} else {
  console.log(seconds);
}
