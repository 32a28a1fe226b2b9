// What a page loads before anything connects, measured as a bundler would make it: the budgets are part of the promise.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';

const source = import.meta.dirname;

/** Gzipped bytes of the entry chunk; what it imports lazily is in chunks of its own. */
async function gzippedBytes(entry: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-size-'));
  const bundle = await rolldown({
    input: join(source, entry),
    external: [/^react/],
    platform: 'browser',
    resolve: { conditionNames: ['telltale-source', 'import', 'browser'] },
    logLevel: 'silent',
  });
  try {
    const { output } = await bundle.generate({ format: 'esm', minify: true, dir: folder });
    const chunk = output.find((file) => file.type === 'chunk' && file.isEntry);
    if (chunk?.type !== 'chunk') throw new Error(`found no entry chunk for ${entry}`);
    const shared = output.filter((file) => file.type === 'chunk' && chunk.imports.includes(file.fileName));
    const code = [chunk, ...shared].map((file) => (file.type === 'chunk' ? file.code : '')).join('\n');
    return gzipSync(code, { level: 9 }).length;
  } finally {
    await bundle.close();
    rmSync(folder, { recursive: true });
  }
}

test('the core is at most 7 kB gzipped, the hooks at most 2.5 kB on top', async () => {
  const core = await gzippedBytes('index.ts');
  const hooks = await gzippedBytes('react/index.ts');
  expect(core).toBeGreaterThan(1_000);
  expect(core).toBeLessThanOrEqual(7_000);
  expect(hooks - core).toBeLessThanOrEqual(2_500);
  console.info(`core ${core} bytes, hooks ${hooks - core} on top`);
});
