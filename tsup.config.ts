import { defineConfig } from 'tsup';

/** One entry for each Python module, and the two programs that threads and processes start with. */
export default defineConfig({
  entry: {
    index: 'src/index.ts',
    errors: 'src/errors.ts',
    threading: 'src/threading.ts',
    queue: 'src/queue.ts',
    multiprocessing: 'src/multiprocessing.ts',
    'worker-main': 'src/thread/worker-main.ts',
    'process-main': 'src/process/process-main.ts',
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  splitting: true,
  sourcemap: true,
  clean: true,
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
});
