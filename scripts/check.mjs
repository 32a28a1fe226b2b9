// `npm run check`: everything that can be proved without running the product. One line per step, details only where
// one failed. `npm run check -- lint types` runs those steps alone.

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { checkDependencies, checkLock, checkReasons } from './dependencies.mjs';
import { install } from './install.mjs';
import { checkLayers } from './layers.mjs';
import { checkPackages } from './packages.mjs';
import { checkRules } from './rules.mjs';
import { Fault, main, root, runNode } from './run.mjs';
import { checkSizes } from './sizes.mjs';

/** What `.ci/run` adds to the failed tests. */
const failuresFile = join(root, '.cache', 'check-failures');

/** Each returns when all is well and throws a Fault that says what is not. */
const steps = {
  format: () =>
    expectSuccess(
      'node_modules/prettier/bin/prettier.cjs',
      ['--check', '--log-level=warn', '--cache', '--cache-location=.cache/prettier', '.'],
      writeHint,
    ),
  lint: () => expectSuccess('node_modules/oxlint/bin/oxlint', ['--type-aware', '--deny-warnings', '--format=unix']),
  layers: () => checkLayers(),
  types: async () => {
    await expectSuccess('node_modules/typescript/bin/tsc', ['-b']);
    await expectSuccess('node_modules/typescript/bin/tsc', ['-p', 'apps/dashboard']);
    await expectSuccess('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.test.json']);
  },
  unused: () => expectSuccess('node_modules/knip/bin/knip.js', ['--no-progress', '--no-config-hints']),
  lock: () => checkLock(),
  dependencies: () => checkDependencies(),
  reasons: () => checkReasons(),
  rules: () => checkRules(),
  build: () => build(),
  packages: () => checkPackages(),
  sizes: () => checkSizes(),
  // Checks of the documents (links, snippets, settings) live in a script of their own.
  ...(existsSync(join(root, 'scripts/docs.mjs')) && { docs: () => expectSuccess('scripts/docs.mjs', []) }),
};

const writeHint = '"npx prettier --write ." formats them.';

await main(async () => {
  await install();
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !Object.hasOwn(steps, name));
  if (unknown.length > 0)
    throw new Fault(`There is no step ${unknown.join(', ')}: expected ${Object.keys(steps).join(', ')}.`);
  let failures = 0;
  for (const [name, step] of Object.entries(steps)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const begun = performance.now();
    const fault = await faultOf(step);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${fault === undefined ? '✓' : '✗'} ${name.padEnd(14)}${seconds.padStart(5)} s`);
    if (fault === undefined) continue;
    failures += 1;
    console.log(fault.replaceAll(/^/gm, '    '));
  }
  mkdirSync(join(root, '.cache'), { recursive: true });
  rmSync(failuresFile, { force: true });
  writeFileSync(failuresFile, `${failures}\n`);
  if (failures > 0) throw new Fault(`\n${failures} of the checks failed.`);
});

async function faultOf(step) {
  try {
    await step();
    return undefined;
  } catch (fault) {
    return fault instanceof Fault ? fault.message : String(fault.stack ?? fault);
  }
}

async function expectSuccess(script, args, hint = '') {
  const { code, output } = await runNode(script, args);
  if (code !== 0)
    throw new Fault([output.trim() || `${script} ended with code ${code}`, hint].filter(Boolean).join('\n'));
}
