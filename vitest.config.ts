import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Most files start programs of their own; more of them at once would measure the machine.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 160_000,
  },
});
