// What we depend on, and on which terms: the lock file names no registry and refuses no Node that we support, nothing is
// below a version with a known hole, and ARCHITECTURE.md has a reason for each dependency. Part of `npm run check`.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, root } from './run.mjs';

/** Oldest versions that are safe to use. ws before 8.23 has no bound on fragments. */
const floors = { ws: '8.23.0' };
const oldestNode = '20.19.0';
/** The bench has one of its own: what it compares with is installed only where it runs. */
const lockFiles = ['package-lock.json', 'bench/package-lock.json'];

/** The lock file installs anywhere, on the oldest Node we promise. */
export async function checkLock() {
  const { default: semver } = await import('semver');
  const packages = lockFiles.flatMap((file) => Object.entries(readJson(file).packages));
  expectNone(
    packages.flatMap(([path, { resolved, link, engines, version }]) => [
      ...(resolved !== undefined && link !== true ? [`${path} is bound to one registry by a "resolved" line`] : []),
      ...(engines?.node !== undefined && !semver.satisfies(oldestNode, engines.node)
        ? [`${path} ${version} wants Node ${engines.node}: choose a version that accepts ${oldestNode}, or override it`]
        : []),
    ]),
  );
}

/** Versions are exact, the same everywhere, and not below a floor. */
export async function checkDependencies() {
  const { default: semver } = await import('semver');
  const seen = new Map();
  const faults = allDependencies().flatMap(({ file, name, version }) => {
    const found = [];
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) found.push(`${file}: ${name} ${version} is not one exact version`);
    const other = seen.get(name) ?? { file, version };
    seen.set(name, other);
    if (other.version !== version) found.push(`${file} has ${name} ${version}, ${other.file} has ${other.version}`);
    return found;
  });
  // What the bench's peers bring along is theirs to choose.
  for (const [path, { version }] of Object.entries(readJson('package-lock.json').packages)) {
    const name = path.split('node_modules/').at(-1);
    if (floors[name] !== undefined && semver.lt(version, floors[name])) {
      faults.push(`${path} is ${version}, expected ${floors[name]} or newer`);
    }
  }
  expectNone(faults);
}

/** Each dependency is named as `code` in ARCHITECTURE.md; `@types/*` stands for all of its family. */
export function checkReasons() {
  if (!existsSync(join(root, 'ARCHITECTURE.md'))) throw new Fault('ARCHITECTURE.md is missing.');
  const named = new Set(
    [...readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').matchAll(/`([^`\s]+)`/g)].map((m) => m[1]),
  );
  const names = new Set(allDependencies().map(({ name }) => name));
  expectNone(
    [...names]
      .filter((name) => !named.has(name) && !named.has(name.replace(/\/.*/, '/*')))
      .map((name) => `ARCHITECTURE.md gives no reason for \`${name}\``),
  );
}

/** Everything that any package.json of ours asks for from outside; peers are ranges on purpose. */
function allDependencies() {
  const folders = ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
  );
  return ['.', ...folders, 'examples', 'tests', 'bench']
    .map((folder) => join(folder, 'package.json'))
    .filter((file) => existsSync(join(root, file)))
    .flatMap((file) => {
      const { dependencies, devDependencies, optionalDependencies } = readJson(file);
      const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
      return all.map(([name, version]) => ({ file, name, version }));
    })
    .filter(({ name }) => !name.startsWith('@telltale/'));
}

function readJson(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8'));
}

function expectNone(faults) {
  if (faults.length > 0) throw new Fault(faults.join('\n'));
}
