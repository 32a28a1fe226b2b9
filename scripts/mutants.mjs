// `npm run mutants`: breaks a copy of the sources by one patch of `mutants/` after the other and demands that the test it
// names fails, under that name. What survives shows that a test is missing. `npm run mutants -- once 04` tries those
// whose names have these words.

import { randomInt } from 'node:crypto';
import { install } from './install.mjs';
import { checkApplies, readMutants, simulationFile } from './mutant-patches.mjs';
import { makeTree } from './mutant-tree.mjs';
import { Fault, main } from './run.mjs';

await main(async () => {
  await install();
  const mutants = chosen(process.argv.slice(2));
  await checkApplies(mutants);
  const seed = process.env['TELLTALE_TEST_SEED'] ?? String(randomInt(2 ** 31));
  console.log(`Seed ${seed}; TELLTALE_TEST_SEED=${seed} repeats this run.`);
  const tree = await makeTree(seed);
  await expectHealthy(tree, mutants);

  let killed = 0;
  for (const mutant of mutants) {
    const begun = performance.now();
    const why = await survival(tree, mutant);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(
      `${why === undefined ? '✓' : '✗'} ${mutant.name.padEnd(36)}${seconds.padStart(5)} s  ${mutant.names.join(', ')}`,
    );
    if (why === undefined) killed++;
    else console.log(`    ${mutant.what}\n    It survived ${mutant.test}: ${why}.`);
  }
  console.log(`${killed} of ${mutants.length} mutants killed`);
  if (killed < mutants.length) throw new Fault('A survivor wants a test that notices it; where none can, delete it.');
});

/** Those that were asked for; all where none were. */
function chosen(words) {
  const mutants = readMutants();
  if (words.length === 0) return mutants;
  const found = mutants.filter(({ name }) => words.some((word) => name.includes(word)));
  if (found.length > 0) return found;
  throw new Fault(
    `There is no mutant ${words.join(', ')}: expected part of ${mutants.map(({ name }) => name).join(', ')}`,
  );
}

/** A test that fails without a fault says nothing of one: every named one must pass first. */
async function expectHealthy(tree, mutants) {
  const report = await tree.test([...new Set(mutants.map(({ test }) => test))]);
  const faults = mutants.flatMap((mutant) => {
    const named = report.tests.filter((test) => isOf(mutant, test));
    if (named.length > 0 && named.every(({ status }) => status === 'passed')) return [];
    return `${mutant.path}: ${mutant.test} has to pass before it can tell anything; found ${outcome(named, report)}`;
  });
  if (faults.length > 0) throw new Fault(faults.join('\n'));
}

/** Why a mutant was not killed; undefined: it was. */
async function survival(tree, mutant) {
  const { path, test, names, seed } = mutant;
  const report = await tree.broken(path, () =>
    tree.test([test], test === simulationFile ? { seed } : { title: names[0] }),
  );
  const named = report.tests.filter((each) => isOf(mutant, each));
  const failed = named.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return `found ${outcome(named, report)}`;
  if (test !== simulationFile) return undefined;
  const properties = failed.map(({ property }) => property);
  if (properties.some((property) => names.includes(property))) return undefined;
  return `found it to fail by ${properties.join(', ') || 'no property'}, expected ${names.join(' or ')}`;
}

function isOf({ test, names }, { title }) {
  return test === simulationFile ? true : title.includes(names[0]);
}

function outcome(named, { tests, words }) {
  if (named.length > 0) return `"${named[0].title}" ${named[0].status}`;
  return tests.length > 0 ? 'no test of that name' : `no test that ran: ${words}`;
}
