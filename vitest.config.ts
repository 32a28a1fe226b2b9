import { configDefaults, defineConfig } from 'vitest/config';

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

const isLongRun = process.env['TELLTALE_TEST_LONG'] === '1';

/** Tests that measure: nothing else runs beside them in the long run. The short one holds them to what bears company. */
const measuring = [
  'agent-cost',
  'agents-crowd',
  'chat-scroll',
  'command-faults',
  'page-weight',
  'reading-cost',
  'refusal-flood',
  'soak',
  'falling-behind',
  'storm',
].map((name) => `tests/${name}.test.ts`);

/** The whole house in memory, from sources: as quick as a unit's test. */
const simulation = 'tests/simulation/*.test.ts';
/** In the long run it goes on for an hour, when all else is done. */
const hour = 'tests/simulation/simulation.test.ts';

const measuringProject = {
  ...shared,
  test: {
    name: 'alone',
    include: measuring,
    setupFiles: ['./tests/seed.ts'],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    fileParallelism: false,
    retry: 1,
    sequence: { groupOrder: 2 },
  },
};

const hourProject = {
  ...shared,
  test: {
    name: 'hour',
    include: [hour],
    setupFiles: ['./tests/seed.ts'],
    sequence: { groupOrder: 3 },
  },
};

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          // Each file in a fresh process would cost as much again as the tests do.
          isolate: false,
          include: ['packages/*/src/**/*.test.{ts,tsx}', 'apps/*/src/**/*.test.{ts,tsx}', simulation],
          exclude: [...configDefaults.exclude, ...(isLongRun ? [hour] : [])],
          setupFiles: ['./tests/seed.ts'],
          // A tenth of it where nobody else has the cores.
          testTimeout: 60_000,
          maxWorkers: 2,
          // Sockets, disks and workers here too, on busy cores: what fails is tried once more, and the report says so.
          retry: 1,
          expect: { poll: { timeout: 15_000 } },
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...shared,
        test: {
          name: 'whole',
          include: ['tests/**/*.test.ts', 'examples/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...(isLongRun ? measuring : []), simulation],
          setupFiles: ['./tests/seed.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
          maxWorkers: 2,
          // Browsers, proxies and killed processes on busy cores: what fails is tried once more, and the report says so.
          retry: 1,
          sequence: { groupOrder: isLongRun ? 1 : 0 },
        },
      },
      ...(isLongRun ? [measuringProject, hourProject] : []),
    ],
  },
});
