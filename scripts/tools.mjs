// The programs of the system that tests need beside Node: which they are, where they are, and how Debian installs them.
// `npm test` installs what is missing; tests ask here what they have.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { Fault, run } from './run.mjs';

/** @typedef {'chromium' | 'nginx' | 'caddy' | 'python' | 'curl'} ToolName */

/** @type {Record<ToolName, { packages: readonly string[], find: () => string | undefined }>} */
const tools = {
  chromium: {
    packages: ['chromium'],
    find: () => findProgram(['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']),
  },
  nginx: { packages: ['nginx-light'], find: () => findProgram(['nginx']) },
  caddy: { packages: ['caddy'], find: () => findProgram(['caddy']) },
  python: { packages: ['python3', 'python3-websockets', 'python3-jwt'], find: findPython },
  curl: { packages: ['curl'], find: () => findProgram(['curl']) },
};

/**
 * Where a program is: an absolute path, or undefined if this machine does not have it. `python` is one that can import
 * websockets and jwt. With CI=true a test that needs a missing one must fail, so ask hasTool() for what to skip.
 *
 * @param {ToolName} name
 * @returns {string | undefined}
 */
export function toolPath(name) {
  return tools[name].find();
}

/**
 * For `describe.skipIf(!hasTool('chromium'))`: true also under CI, where nothing may be skipped.
 *
 * @param {ToolName} name
 * @returns {boolean}
 */
export function hasTool(name) {
  return process.env['CI'] === 'true' || toolPath(name) !== undefined;
}

/** Installs what is missing where that is possible (root on Debian); says what to do elsewhere. */
export async function installTools() {
  const missing = Object.keys(tools).filter((name) => toolPath(name) === undefined);
  if (missing.length === 0) return;
  const packages = missing.flatMap((name) => tools[name].packages);
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() === 0 && findProgram(['apt-get']) !== undefined) {
    console.log(`Installing what the tests need: ${packages.join(', ')} …`);
    // A server that is installed for tests must not start serving this machine: invoke-rc.d leaves runlevel 1 alone.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const update = await run('apt-get', ['update', '-q'], { env });
    const result = await run('apt-get', command.split(' ').slice(1), { env });
    const still = missing.filter((name) => toolPath(name) === undefined);
    if (still.length === 0) return;
    throw new Fault(
      `${update.code === 0 ? '' : update.output}${result.output.trim()}\n\n` +
        `The tests need ${still.join(', ')}, and installing with "apt-get update && ${command}" failed.`,
    );
  }
  const words = `This machine has no ${missing.join(', no ')}. On Debian or Ubuntu: sudo apt-get update && sudo ${command}`;
  if (process.env['CI'] === 'true') throw new Fault(`${words}. With CI=true no test is skipped.`);
  console.log(`${words}.\nTHE TESTS THAT NEED THEM ARE SKIPPED.`);
}

function findProgram(names) {
  return findPrograms(names)[0];
}

function findPrograms(names) {
  // Servers live in sbin, which is not in everybody's PATH.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/sbin'];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).filter((path) => existsSync(path));
}

function findPython() {
  // The first python3 is not always the one that apt installs modules for.
  return findPrograms(['python3']).find((python) => {
    const { status } = spawnSync(python, ['-c', 'import websockets, jwt'], { stdio: 'ignore' });
    return status === 0;
  });
}
