// `npm test`: installs what is missing, builds, runs every test and closes with `N passed, N failed`. `npm run test:long`
// (`--long`) runs the same tests at their long counts. Other arguments go to vitest: `npm test -- packages/client`.

import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { install } from './install.mjs';
import { main, root, runNode } from './run.mjs';
import { installTools } from './tools.mjs';

const cache = join(root, '.cache');
/** What `.ci/run` reads for its own closing line. */
const countsFile = join(cache, 'test-counts');
const resultsFile = join(cache, 'test-results.json');

await main(async () => {
  await install();
  await installTools();
  await build();
  mkdirSync(cache, { recursive: true });
  rmSync(resultsFile, { force: true });
  rmSync(countsFile, { force: true });

  const args = process.argv.slice(2).filter((arg) => arg !== '--long');
  const seed = process.env['TELLTALE_TEST_SEED'] ?? String(randomInt(2 ** 31));
  const env = { ...process.env, TELLTALE_TEST_SEED: seed };
  if (args.length !== process.argv.length - 2) env['TELLTALE_TEST_LONG'] = '1';
  const words = `Seed ${seed}; TELLTALE_TEST_SEED=${seed} repeats this run.`;
  console.log(words);

  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultsFile}`];
  const { code } = await runNode('node_modules/vitest/vitest.mjs', ['run', ...reporters, ...args], { env, show: true });
  const { passed, failed, skipped } = readCounts(code);
  if (skipped.length > 0)
    console.log(`\n${skipped.length} skipped:\n${skipped.map((title) => `  ${title}`).join('\n')}`);
  if (failed > 0) console.log(`\n${words}`);
  console.log(`${passed} passed, ${failed} failed`);
  writeFileSync(countsFile, `${passed} ${failed}\n`);
  process.exitCode = failed > 0 ? 1 : 0;
});

/** Counts from vitest's report; whatever makes vitest fail counts at least once, and under CI a skipped test does too. */
function readCounts(code) {
  let report;
  try {
    report = JSON.parse(readFileSync(resultsFile, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: [] };
  }
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const count = (...states) => tests.filter((test) => states.includes(test.status));
  // A file that does not even load has no tests, and must not go unnoticed.
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  const skipped = count('pending', 'skipped', 'todo', 'disabled').map((test) => test.fullName);
  let failed = count('failed').length + brokenFiles.length;
  if (process.env['CI'] === 'true') failed += skipped.length;
  if (code !== 0 && failed === 0) failed = 1;
  return { passed: count('passed').length, failed, skipped };
}
