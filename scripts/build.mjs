// Builds the packages, the command in one piece and for other machines, and the dashboard, each only if the content of its
// inputs changed. Called by `npm start`, `npm test`, `npm run check` and, as a program, by `npm run build` (`-- --force`
// builds all anew).

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, isProgram, main, root, runNode } from './run.mjs';

const cache = join(root, '.cache');
const isTest = /\.test\.[a-z]+$|\/testing\//;

/** What is built, in order: a part is built anew when one of its inputs differs or its output is missing. */
const parts = [
  {
    name: 'packages',
    inputs: () => ['package-lock.json', 'tsconfig.base.json', 'tsconfig.json', ...packageFiles()],
    output: () => packageNames().map((name) => `packages/${name}/dist/index.js`),
    // A stamp that does not fit means that the incremental state may not either: outputs removed by hand, for one.
    build: (force) => runNode('node_modules/typescript/bin/tsc', ['-b', ...(force ? ['--force'] : [])]),
    remove: () => packageNames().map((name) => `packages/${name}/dist`),
  },
  {
    name: 'command in one piece',
    inputs: () => ['package-lock.json', 'scripts/bundle.mjs', ...packageFiles()],
    output: () => ['index', 'worker'].map((name) => `packages/telltale/dist-joined/${name}.js`),
    build: async () => {
      // Not before its turn: the first build begins where nothing is installed yet.
      const { joinCommand } = await import('./bundle.mjs');
      await joinCommand();
      return { code: 0, output: '' };
    },
    remove: () => ['packages/telltale/dist-joined'],
  },
  {
    name: 'command for other machines',
    inputs: () => [
      'package-lock.json',
      'LICENSE',
      'scripts/bundle.mjs',
      'scripts/pack.mjs',
      'packages/telltale/bin/telltale.js',
      ...packageFiles(),
    ],
    output: () => [packedFile()],
    build: async () => {
      const { pack } = await import('./pack.mjs');
      await pack(join(root, 'dist-pack'));
      return { code: 0, output: '' };
    },
    remove: () => ['dist-pack'],
  },
  {
    name: 'dashboard',
    inputs: () => ['package-lock.json', 'tsconfig.base.json', ...packageFiles(), ...dashboardFiles()],
    output: () => ['apps/dashboard/dist/index.html'],
    // NODE_ENV of whoever starts us, a test runner for one, must not put React's development build into the page.
    build: () =>
      runNode('node_modules/vite/bin/vite.js', ['build', '--logLevel=warn'], {
        cwd: join(root, 'apps/dashboard'),
        env: { ...process.env, NODE_ENV: 'production' },
      }),
    remove: () => ['apps/dashboard/dist'],
  },
];

/**
 * Builds what changed and says so; silent if nothing did. Throws a Fault with the compiler's words if it does not build.
 *
 * @param {{ force?: boolean }} [options]
 */
export async function build(options = {}) {
  for (const part of parts) {
    const stampFile = join(cache, `built-${part.name}`);
    const before = part.output().every((file) => existsSync(join(root, file))) && readStamp(stampFile);
    const stamp = hashOf(part.inputs());
    if (stamp === before && !options.force) continue;
    console.log(`Building the ${part.name} …`);
    rmSync(stampFile, { force: true });
    if (options.force) for (const path of part.remove()) rmSync(join(root, path), { recursive: true, force: true });
    const { code, output } = await part.build(options.force || before === false);
    if (code !== 0) {
      throw new Fault(
        `${output.trim()}\n\nBuilding the ${part.name} failed: correct what is said above, then try again.`,
      );
    }
    mkdirSync(cache, { recursive: true });
    writeFileSync(stampFile, stamp);
  }
}

function packedFile() {
  const { version } = JSON.parse(readFileSync(join(root, 'packages/telltale/package.json'), 'utf8'));
  return `dist-pack/telltale-${version}.tgz`;
}

function packageNames() {
  return readdirSync(join(root, 'packages')).filter((name) =>
    existsSync(join(root, 'packages', name, 'tsconfig.json')),
  );
}

function packageFiles() {
  return packageNames().flatMap((name) => [
    `packages/${name}/package.json`,
    `packages/${name}/tsconfig.json`,
    ...filesBelow(`packages/${name}/src`),
  ]);
}

function dashboardFiles() {
  const folder = 'apps/dashboard';
  const config = readdirSync(join(root, folder)).filter((name) => /\.(json|ts|html)$/.test(name));
  return [
    ...config.map((name) => `${folder}/${name}`),
    ...filesBelow(`${folder}/src`),
    ...filesBelow(`${folder}/public`),
  ];
}

function filesBelow(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
    .filter((path) => !isTest.test(path))
    .sort();
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

function readStamp(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

if (isProgram(import.meta.url)) await main(() => build({ force: process.argv.includes('--force') }));
