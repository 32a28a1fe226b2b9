// Reads the mutants: faults kept as patches in `mutants/`, each with the test that must fail by it. Knows neither how a
// patch is tried nor how tests are run.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, root, run } from './run.mjs';

/** Where they are kept. */
const mutantsFolder = 'mutants';

/** Its failures are properties that do not hold; those of every other test are told by their titles. */
export const simulationFile = 'tests/simulation/simulation.test.ts';

const form = 'a sentence, an empty line, `Test: <file>`, `Name: <title or properties>`, if needed `Seed: <number>`';
const header =
  /^(?<what>[A-Z][^\n]+\.)\n\nTest: (?<test>\S+)\nName: (?<name>[^\n]+)\n(?:Seed: (?<seed>\d+)\n)?\n(?=diff --git )/;

/**
 * A fault, and what must notice it.
 *
 * @typedef {object} Mutant
 * @property {string} name of the patch, without its ending
 * @property {string} path of the patch, from the root
 * @property {string} what is broken, in a sentence
 * @property {string} test file, from the root
 * @property {readonly string[]} names of which one must fail: a test's title, or properties of the simulation
 * @property {string | undefined} seed of the simulation; undefined: fresh ones
 */

/**
 * All mutants in the order of their names.
 *
 * @returns {Mutant[]}
 */
export function readMutants() {
  return readdirSync(join(root, mutantsFolder)).sort().map(readMutant);
}

/** @returns {Mutant} */
function readMutant(file) {
  const path = `${mutantsFolder}/${file}`;
  const fields = header.exec(readFileSync(join(root, path), 'utf8'))?.groups;
  const name = /^(\d\d-[a-z-]+)\.patch$/.exec(file)?.[1];
  if (name === undefined) throw new Fault(`${path}: found another name, expected one such as 01-what-is-broken.patch`);
  if (fields === undefined) throw new Fault(`${path}: found a header of another form, expected ${form}, an empty line`);
  const { what, test, name: named, seed } = fields;
  // A title may have commas of its own.
  return { name, path, what, test, names: test === simulationFile ? named.split(', ') : [named], seed };
}

/**
 * Says of each mutant that cannot be applied to the sources why, and what to do.
 *
 * @param {readonly Mutant[]} mutants
 */
export async function checkApplies(mutants) {
  const faults = [];
  for (const { path } of mutants) {
    const { code, output } = await run('git', ['apply', '--check', path]);
    if (code !== 0) faults.push(`${path} does not apply any more:\n${output.trim()}`);
  }
  if (faults.length === 0) return;
  faults.push(
    'Break the sources as they are now in the same way, and put the new `git diff` behind the header; where the fault is not possible any more, delete the patch.',
  );
  throw new Fault(faults.join('\n'));
}
