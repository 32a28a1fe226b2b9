import { defineConfig } from 'vitest/config';

// Tests read the packages' sources (the `telltale-source` export condition), so they need no build; what a user
// installs is proved by the end-to-end tests, which run the built command.
const conditions = ['telltale-source'];
const shared = {
  resolve: { conditions: [...conditions, 'module', 'node', 'development|production'] },
  ssr: {
    resolve: {
      conditions: [...conditions, 'module', 'node', 'development|production'],
      externalConditions: conditions,
    },
  },
};

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.{ts,tsx}', 'apps/*/src/**/*.test.{ts,tsx}'],
          setupFiles: ['./tests/seed.ts'],
          testTimeout: 20_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'whole',
          include: ['tests/**/*.test.ts', 'examples/**/*.test.ts'],
          setupFiles: ['./tests/seed.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
