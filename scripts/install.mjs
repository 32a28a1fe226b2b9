// Installs the dependencies when they are not what package-lock.json says, and only then. Uses Node alone: it runs
// before anything is installed.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, root, runNpm } from './run.mjs';

/** Makes a folder's node_modules what its lock file says: the checkout's own, or `bench`. Throws a Fault if npm cannot. */
export async function install(folder = root) {
  if (isInstalled(folder)) return;
  console.log('Installing the dependencies, which takes a minute …');
  // Not `npm ci`: it refuses a lock file without the binaries for every other system, and npm leaves those out of the
  // lock file wherever a registry does not carry them. This takes the locked versions too, and writes nothing back.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  const { code, output } = await runNpm(args, { cwd: folder });
  if (code === 0) return;
  throw new Fault(
    `${output.trim()}\n\nInstalling the dependencies failed: npm ended with code ${code}. ` +
      'Check the connection to the npm registry and the lines above, then run the command again.',
  );
}

/**
 * npm leaves in node_modules a list of what it installed, written last. Comparing it with the lock file also believes
 * an `npm install` made by hand, and does not believe one that was interrupted.
 */
function isInstalled(folder) {
  const list = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(list)) return false;
  const installed = readPackages(list);
  return Object.entries(readPackages(join(folder, 'package-lock.json'))).every(([path, wanted]) => {
    if (!path.includes('node_modules/')) return true;
    const found = installed[path];
    // Binaries for other systems are in the lock file and nowhere else.
    if (found === undefined) return wanted.optional === true || wanted.devOptional === true || wanted.peer === true;
    return found.version === wanted.version && existsSync(join(folder, path));
  });
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
  } catch (error) {
    throw new Fault(`${path} can't be read as a list of packages (${error.message}): restore it with git.`);
  }
}
