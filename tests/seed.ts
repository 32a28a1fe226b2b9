// Runs before every test file: one seed for all of fast-check's properties, the one `npm test` prints, and more runs of
// each in the long test. Tests that draw for themselves read TELLTALE_TEST_SEED too.

import fc from 'fast-check';

const seed = process.env['TELLTALE_TEST_SEED'];
const isLong = process.env['TELLTALE_TEST_LONG'] === '1';

fc.configureGlobal({
  ...(seed !== undefined && { seed: Number(seed) }),
  ...(isLong && { numRuns: 2000, interruptAfterTimeLimit: 60_000 }),
});
