// A copy of the sources in which tests run while they are broken on purpose. It lies inside the checkout, so that what is
// installed there is found from it; our own packages are linked to the copy's, or the tests would import what is whole.

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { Fault, root, run, runNode } from './run.mjs';

/** What the tests of the packages and the simulation need. */
const copied = ['packages', 'tests', 'package.json', 'tsconfig*.json', 'vitest.config.ts'];
const listing = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', ...copied];
const ours = 'node_modules/@telltale';

/** A test that takes longer was brought to run for ever. */
const mostMs = 180_000;
const killedCode = 137;

/**
 * @typedef {{ title: string, status: string, property: string | undefined }} Tested
 * @typedef {{ tests: readonly Tested[], words: string }} Report `words`: what was printed last, for where no test ran
 */

/**
 * Makes the copy, of the sources as they are now, committed or not. It is gone when this process is.
 *
 * @param {string} seed of whatever its tests draw
 */
export async function makeTree(seed) {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const tree = mkdtempSync(join(root, '.cache', 'mutants-'));
  process.once('exit', () => rmSync(tree, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  for (const path of await sources()) cpSync(join(root, path), join(tree, path));
  linkPackages(tree);
  const env = { ...process.env, TELLTALE_TEST_SEED: seed };
  for (const name of ['TELLTALE_TEST_LONG', 'TELLTALE_TEST_SIMULATION_SEED', 'TELLTALE_TEST_SIMULATION_SECONDS'])
    delete env[name];

  return {
    /**
     * Runs test files, or of one file the test of one title.
     *
     * @param {readonly string[]} files
     * @param {{ title?: string, seed?: string | undefined }} [options] `seed`: the only one of the simulation
     * @returns {Promise<Report>}
     */
    async test(files, { title, seed: only } = {}) {
      const results = join(tree, 'results.json');
      rmSync(results, { force: true });
      // Threads, because they end with their process, also out of a loop that does not.
      const args = ['run', '--project=unit', '--retry=0', '--pool=threads', '--reporter=json'];
      args.push(`--outputFile=${results}`);
      if (title !== undefined) args.push('-t', title.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
      const { code, output } = await runNode('node_modules/vitest/vitest.mjs', [...args, ...files], {
        cwd: tree,
        env: only === undefined ? env : { ...env, TELLTALE_TEST_SIMULATION_SEED: only },
        timeoutMs: mostMs,
      });
      if (existsSync(results)) return reportOf(JSON.parse(readFileSync(results, 'utf8')));
      const words = code === killedCode ? `found no end within ${mostMs / 1000} s` : output.trim().split('\n').at(-1);
      return { tests: [], words };
    },

    /** Does something while a patch is applied. */
    async broken(patch, body) {
      await apply(tree, patch);
      try {
        return await body();
      } finally {
        await apply(tree, patch, '--reverse');
      }
    },
  };
}

async function sources() {
  const { code, output } = await run('git', listing);
  if (code !== 0) throw new Fault(`git could not list the sources: ${output.trim()}`);
  // What is listed and deleted is not there to be copied.
  return [...new Set(output.split('\0'))].filter((path) => path !== '' && existsSync(join(root, path)));
}

function linkPackages(tree) {
  mkdirSync(join(tree, ours), { recursive: true });
  for (const name of readdirSync(join(root, ours))) {
    const target = readlinkSync(join(root, ours, name));
    // As npm made it: from the folder of the link.
    if (existsSync(join(tree, ours, target))) symlinkSync(target, join(tree, ours, name));
  }
}

async function apply(tree, patch, ...how) {
  const { code, output } = await run('git', ['apply', ...how, `--directory=${relative(root, tree)}`, patch]);
  if (code !== 0) throw new Fault(`${patch} could not be applied in the copy: ${output.trim()}`);
}

/** @returns {Report} */
function reportOf({ testResults }) {
  const tests = testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ title, status, failureMessages = [] }) => {
      const property = /\[([a-z-]+)\] /.exec(failureMessages.join('\n'))?.[1];
      return { title, status, property };
    }),
  );
  const words = testResults.map(({ message }) => message).find((message) => message) ?? '';
  return { tests, words: words.split('\n')[0] };
}
