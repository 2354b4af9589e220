import { createRequire } from 'node:module';
import { defineConfig } from 'tsup';

const require = createRequire(import.meta.url);

/**
 * Takes Node's own modules from `process.getBuiltinModule`. An `import` of one makes the loader read each of its
 * exports, and with them half of the standard library: that would take as long as loading all of this package.
 */
const builtinModules = {
  name: 'builtin-modules',
  setup(build: import('esbuild').PluginBuild): void {
    build.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'builtin', sideEffects: false }));
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => {
      const names = Object.keys(require(path)).filter((name) => /^[a-z_$][\w$]*$/i.test(name) && name !== 'default');
      const lines = names.map((name) => `export const ${name} = /* @__PURE__ */ (() => module.${name})();`);
      const module = `const module = /* @__PURE__ */ process.getBuiltinModule('${path}');`;
      return { contents: [module, 'export default module;', ...lines].join('\n') };
    });
  },
};

/** One entry for each Python module. */
const modules = {
  index: 'src/index.ts',
  errors: 'src/errors.ts',
  threading: 'src/threading.ts',
  queue: 'src/queue.ts',
  multiprocessing: 'src/multiprocessing.ts',
};

export default defineConfig({
  entry: {
    ...modules,
    // The programs that threads and processes start with.
    'worker-main': 'src/thread/worker-main.ts',
    'process-main': 'src/process/process-main.ts',
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  splitting: true,
  sourcemap: true,
  clean: true,
  removeNodeProtocol: false,
  esbuildPlugins: [builtinModules],
  esbuildOptions(options) {
    // Names stay: they stand in stacks. Space does not: every thread and process parses it.
    options.minifyWhitespace = true;
    options.minifySyntax = true;
  },
  dts: { entry: modules, compilerOptions: { ignoreDeprecations: '6.0' } },
});
