import { defineConfig, type Options } from 'tsup';
import { writeEntryPoints } from './build/entry-points.ts';
import { layDownParts, loadLater, PARTS } from './build/parts.ts';

/** One for each Python module; the types of `index` are written by hand (build/entry-points.ts). */
const modules = {
  errors: 'src/errors.ts',
  threading: 'src/threading.ts',
  queue: 'src/queue.ts',
  multiprocessing: 'src/multiprocessing.ts',
  futures: 'src/futures.ts',
  os: 'src/os.ts',
  signal: 'src/signal.ts',
  coroutine: 'src/coroutine.ts',
  'multiprocessing/pool': 'src/multiprocessing/pool.ts',
  'multiprocessing/connection': 'src/multiprocessing/connection.ts',
  'multiprocessing/managers': 'src/multiprocessing/managers.ts',
  'multiprocessing/sharedMemory': 'src/multiprocessing/shared-memory.ts',
  'futures/piscina': 'src/futures/piscina.ts',
  'futures/bullmq': 'src/futures/bullmq.ts',
};

const script: Options = {
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  removeNodeProtocol: false,
  outExtension: () => ({ js: '.cjs' }),
  esbuildOptions(options) {
    // Names and lines stay: Node shows the line that an error which nobody catches was thrown from.
    options.minifySyntax = true;
    options.charset = 'ascii';
    // The loader gives it to each part.
    options.define = { ...options.define, 'import.meta.url': 'importMetaUrl' };
  },
};

export default defineConfig(({ dts }) => [
  { ...script, entry: { loader: 'src/loader.ts' }, format: 'cjs' as const, splitting: false },
  {
    ...script,
    entry: Object.fromEntries(PARTS.map((part) => [part, `src/parts/${part}.ts`])),
    format: 'esm' as const,
    splitting: true,
    metafile: true,
    noExternal: ['acorn', 'eslint-scope', 'esrecurse', 'estraverse'],
    esbuildPlugins: [loadLater],
    onSuccess: async () => {
      layDownParts();
      writeEntryPoints();
    },
  },
  ...(dts === false
    ? []
    : [
        {
          entry: modules,
          format: 'esm' as const,
          dts: { only: true, compilerOptions: { ignoreDeprecations: '6.0' } },
        },
      ]),
]);
