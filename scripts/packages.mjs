// What npm would publish: files that are there, exports that resolve, types that are right. Part of `npm run check`.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, root, runNode } from './run.mjs';

/** Runs publint and attw over every package; expects them built. */
export async function checkPackages() {
  const faults = [];
  for (const name of readdirSync(join(root, 'packages'))) {
    const cwd = join(root, 'packages', name);
    const lint = await runNode('node_modules/publint/src/cli.js', ['--strict'], { cwd });
    if (lint.code !== 0) faults.push(lint.output.trim());
    const types = await runNode(
      'node_modules/@arethetypeswrong/cli/dist/index.js',
      ['--pack', '.', '--profile', 'esm-only', '--no-emoji', '--no-color', '--format', 'ascii'],
      { cwd },
    );
    if (types.code !== 0) faults.push(types.output.trim());
  }
  if (faults.length > 0) throw new Fault(faults.join('\n\n'));
}
