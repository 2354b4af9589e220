import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { defineConfig } from 'tsup';

const require = createRequire(import.meta.url);

/** One entry for each Python module, and all of them together. */
const modules = {
  index: 'src/index.ts',
  errors: 'src/errors.ts',
  threading: 'src/threading.ts',
  queue: 'src/queue.ts',
  multiprocessing: 'src/multiprocessing.ts',
  futures: 'src/futures.ts',
  'multiprocessing/pool': 'src/multiprocessing/pool.ts',
  'multiprocessing/connection': 'src/multiprocessing/connection.ts',
  'multiprocessing/managers': 'src/multiprocessing/managers.ts',
  'multiprocessing/sharedMemory': 'src/multiprocessing/shared-memory.ts',
  'futures/piscina': 'src/futures/piscina.ts',
};

/**
 * The entry points: ES modules that name the exports of the one file with all of the library. The loader would parse
 * that file for its exports if it were imported; it is required instead.
 */
function writeEntryPoints(): void {
  const core = require('./dist/loader.cjs').load();
  const head = (name: string): string => {
    const loader = name.includes('/') ? '../loader.cjs' : './loader.cjs';
    return `const core = process.getBuiltinModule('node:module').createRequire(import.meta.url)('${loader}').load();`;
  };
  const write = (name: string, ...lines: string[]): void => {
    writeFileSync(`dist/${name}`, `${lines.join('\n')}\n`);
  };
  for (const [name, module] of Object.entries<object>(core.modules)) {
    mkdirSync(dirname(`dist/${name}`), { recursive: true });
    const linuxOnly = name.startsWith('multiprocessing') ? ['core.checkPlatform();'] : [];
    const exports = Object.keys(module).join(', ');
    write(`${name}.js`, head(name), ...linuxOnly, `export const { ${exports} } = core.modules['${name}'];`);
  }
  const roots = Object.keys(core.modules).filter((name) => !name.includes('/'));
  write('index.js', head('index'), `export const { ${roots.join(', ')} } = core.modules;`);
  // Bundled types would make values of the types in its namespaces.
  write('index.d.ts', readFileSync('src/index.ts', 'utf8').replaceAll(/\.ts'/g, ".js'"));
  // The programs that threads and processes start with.
  write(
    'worker-main.cjs',
    "const { workerData } = require('node:worker_threads');",
    "require('./loader.cjs').loadFrom(workerData['threadwork:start'].code).runWorker();",
  );
  write('piscina-worker.cjs', "module.exports = require('./loader.cjs').load().runPiscinaTask;");
  write(
    'process-main.cjs',
    "const { readSync } = require('node:fs');",
    'const [, , position, length] = process.env.THREADWORK_DESK.split(/[:;]/).map(Number);',
    'const code = Buffer.allocUnsafe(length);',
    '// The block is inherited as descriptor 3.',
    'for (let done = 0; done < length; ) done += readSync(3, code, done, length - done, position + done);',
    "require('./loader.cjs').load(length > 0 ? code : undefined).runChild();",
  );
}

const { index: _, ...typedModules } = modules;

export default defineConfig(({ dts }) => [
  {
    entry: { core: 'src/core.ts', loader: 'src/loader.ts', parser: 'src/pickle/parser-packages.ts' },
    format: 'cjs',
    target: 'node20',
    platform: 'node',
    shims: true,
    splitting: false,
    noExternal: ['acorn', 'eslint-scope', 'esrecurse', 'estraverse'],
    sourcemap: true,
    clean: true,
    removeNodeProtocol: false,
    esbuildOptions(options) {
      // Names stay: they stand in stacks. Space does not: every thread and process parses it.
      options.minifyWhitespace = true;
      options.minifySyntax = true;
      options.charset = 'ascii';
    },
    onSuccess: async () => {
      mkdirSync('dist', { recursive: true });
      writeEntryPoints();
    },
  },
  ...(dts === false
    ? []
    : [
        {
          entry: typedModules,
          format: 'esm' as const,
          dts: { only: true, compilerOptions: { ignoreDeprecations: '6.0' } },
        },
      ]),
]);
