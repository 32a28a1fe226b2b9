// Bundles what the build left of the packages, with what they depend on: for other machines, which have no registry, and for
// the command of this one, which starts in half the time when it need not look for six hundred files.

import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from './run.mjs';

/** What packages use where it is installed, and do without where it is not. */
const absent = ['bufferutil', 'utf-8-validate', 'osx-temperature-sensor', 'macos-temperature-sensor'];
/** Native modules stay where they are installed. */
const native = [/^libsql$/, /^@node-rs\//];

/**
 * Bundles these entries, and answers with the modules that are in it.
 *
 * @param {Record<string, string>} input a file each, by its name in the bundle
 * @param {string} directory where to
 * @param {readonly (string | RegExp)[]} external what stays outside
 * @returns {Promise<string[]>}
 */
export async function bundle(input, directory, external = []) {
  const bundled = await rolldown({
    input,
    platform: 'node',
    external: [...absent, ...external],
    logLevel: 'silent',
  });
  try {
    const { output } = await bundled.write({
      dir: directory,
      format: 'esm',
      // Side by side, so that each finds the package's own files one step up, as it did where it was built.
      entryFileNames: '[name].js',
      chunkFileNames: '[name].js',
    });
    return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  } finally {
    await bundled.close();
  }
}

const joinedDirectory = 'packages/telltale/dist-joined';

/** Joins the whole command with what it depends on, beside what it was built from. */
export async function joinCommand() {
  const directory = join(root, joinedDirectory);
  // Whole, or not at all: whoever starts the command meanwhile finds the old one.
  const [fresh, old] = [`${directory}.new`, `${directory}.old`];
  for (const path of [fresh, old]) rmSync(path, { recursive: true, force: true });
  const input = {
    index: join(root, 'packages/telltale/dist/index.js'),
    // A thread of its own, found beside whoever starts it.
    worker: join(root, 'packages/hub/dist/storage/worker.js'),
  };
  await bundle(input, fresh, native);
  if (existsSync(directory)) renameSync(directory, old);
  renameSync(fresh, directory);
  rmSync(old, { recursive: true, force: true });
}
