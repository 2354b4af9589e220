/** The options that Node was started with, on the command line and in the environment. */
export function nodeOptions(): string[] {
  return [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)];
}

/** Whether the program may have changed how files are loaded, so that `require()` and `import` give different things. */
export function hasLoaderOptions(): boolean {
  return nodeOptions().some((option) => /^(?:--(?:import|require|loader|experimental-loader)\b|-r$)/.test(option));
}
