// Packs the command that a hub hands out to other machines: what a reporting machine needs of it, with all dependencies
// inside, as a tarball that npm installs without asking a registry for anything. Part of the build.

import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { bundle } from './bundle.mjs';
import { Fault, root, runNpm } from './run.mjs';

const source = join(root, 'packages/telltale');

/**
 * Packs what was built. Throws a Fault if something got in that cannot be packed.
 *
 * @param {string} destination where to; what was packed there before goes
 */
export async function pack(destination) {
  const staging = mkdtempSync(join(tmpdir(), 'telltale-pack-'));
  try {
    const inside = await bundlePacked(join(staging, 'dist'));
    cpSync(join(source, 'bin'), join(staging, 'bin'), { recursive: true });
    chmodSync(join(staging, 'bin/telltale.js'), 0o755);
    cpSync(join(root, 'LICENSE'), join(staging, 'LICENSE'));
    writeFileSync(join(staging, 'README.md'), readme);
    writeFileSync(join(staging, 'THIRD-PARTY'), licences(inside));
    const { name, version, license, type, engines, bin } = manifest();
    const description = 'The telltale command for machines that report to a hub, its dependencies inside';
    const packed = { name, version, description, license, type, engines, bin };
    writeFileSync(join(staging, 'package.json'), `${JSON.stringify(packed, undefined, 2)}\n`);
    mkdirSync(destination, { recursive: true });
    for (const old of readdirSync(destination)) if (old.endsWith('.tgz')) rmSync(join(destination, old));
    // npm gives every file the same time and owner, so that the same sources are the same bytes.
    const { code, output } = await runNpm(['pack', '--silent', '--pack-destination', destination], { cwd: staging });
    if (code !== 0) throw new Fault(`The command could not be packed:\n${output.trim()}`);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

const readme = `# telltale

The telltale command for a machine that reports to a hub: \`telltale --help\` says what it can do. A hub hands it out; the
whole command is where that hub is installed.
`;

function manifest() {
  return JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
}

/** Bundles the command and answers with the directories of the packages that are in it. */
async function bundlePacked(directory) {
  const modules = await bundle({ index: join(source, 'dist/packed.js') }, directory);
  const folders = new Set(modules.filter((id) => id.startsWith(root)).map(folderOf));
  const misplaced = ['packages/hub/dist/index.js', ...['libsql', 'fastify'].map((name) => `node_modules/${name}/`)];
  const found = modules.find((id) => id.endsWith('.node') || misplaced.some((part) => id.includes(part)));
  if (found !== undefined) {
    throw new Fault(`${found} got into the packed command: expected nothing of the hub, and no native module.`);
  }
  return [...folders]
    .filter((folder) => folder.includes(`${sep}node_modules${sep}`))
    .sort((one, other) => (one < other ? -1 : 1));
}

/** The directory of the package that a file is in. */
function folderOf(file) {
  let folder = dirname(file.replace(/^\0/, '').replace(/\?.*$/, ''));
  while (folder !== root && !(existsSync(join(folder, 'package.json')) && isNamed(folder))) folder = dirname(folder);
  return folder;
}

function isNamed(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name !== undefined;
}

/** Who wrote what is inside, under which terms. */
function licences(folders) {
  const texts = folders.map((folder) => {
    const { name, version, license, homepage } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.|$)/i.test(entry));
    if (file === undefined) throw new Fault(`${folder} has no licence text to go along with the packed command.`);
    const title = [`${name} ${version} (${license})`, ...(homepage === undefined ? [] : [homepage])].join('\n');
    return `${title}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  });
  const head = 'The telltale command is under the licence in LICENSE. Inside are these, each under its own:\n';
  return [head, ...texts].join(`\n${'-'.repeat(80)}\n\n`);
}
