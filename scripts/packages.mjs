// What npm would publish: files that are there, exports that resolve, types that are right. Part of `npm run check`.

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault, root, runNode, runNpm } from './run.mjs';

/** Runs publint and attw over every package; expects them built. */
export async function checkPackages() {
  // Packed elsewhere, so that a check leaves nothing in the checkout, not even for a moment.
  const packed = mkdtempSync(join(tmpdir(), 'telltale-packed-'));
  const faults = [];
  try {
    for (const name of readdirSync(join(root, 'packages'))) {
      faults.push(...(await checkPackage(join(root, 'packages', name), join(packed, name))));
    }
  } finally {
    rmSync(packed, { recursive: true, force: true });
  }
  if (faults.length > 0) throw new Fault(faults.join('\n\n'));
}

async function checkPackage(cwd, destination) {
  mkdirSync(destination);
  const pack = await runNpm(['pack', '--silent', '--pack-destination', destination], { cwd });
  const [file] = readdirSync(destination);
  if (file === undefined) return [pack.output.trim()];
  const lint = await runNode('node_modules/publint/src/cli.js', ['run', join(destination, file), '--strict']);
  const types = await runNode(
    'node_modules/@arethetypeswrong/cli/dist/index.js',
    [join(destination, file), '--profile', 'esm-only', '--no-emoji', '--no-color', '--format', 'ascii'],
    { cwd },
  );
  return [lint, types].filter(({ code }) => code !== 0).map(({ output }) => output.trim());
}
