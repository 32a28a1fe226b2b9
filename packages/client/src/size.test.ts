// What a page loads before anything connects, measured as an application's bundler would make it: the budget is part
// of the promise. What is imported lazily (attendant.ts: texts, outbox, watching) is in a chunk of its own and not counted.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';

/** Gzipped bytes of a program that uses these names of this module. */
async function gzippedBytes(names: string, module: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-size-'));
  const input = join(folder, 'program.js');
  const path = JSON.stringify(join(import.meta.dirname, module));
  writeFileSync(input, `import { ${names} } from ${path}; globalThis.used = [${names}];`);
  const bundle = await rolldown({
    input,
    external: [/^react/],
    platform: 'browser',
    preserveEntrySignatures: false,
    resolve: { conditionNames: ['telltale-source', 'import', 'browser'] },
    logLevel: 'silent',
  });
  try {
    // Whoever bundles names the lazy chunks. With a hash in the name, another text in there would move this figure.
    const chunkFileNames = '[name].js';
    const { output } = await bundle.generate({ format: 'esm', minify: true, dir: folder, chunkFileNames });
    const entry = output.find((file) => file.type === 'chunk' && file.isEntry);
    if (entry?.type !== 'chunk') throw new Error(`found no entry chunk for ${module}`);
    // Nothing the entry needs at once may hide in another chunk.
    expect(entry.imports.filter((name) => !name.startsWith('react'))).toEqual([]);
    return gzipSync(entry.code, { level: 9 }).length;
  } finally {
    await bundle.close();
    rmSync(folder, { recursive: true });
  }
}

test('gzipped, the core is at most 7,000 bytes, and all hooks at most 2,500 on top', async () => {
  const core = await gzippedBytes('createConnection', 'index.ts');
  const hooks = await gzippedBytes(
    'ConnectionProvider, useConnection, useStream, useTable, useWebSocket',
    'react/index.ts',
  );
  expect(core).toBeGreaterThan(1_000);
  expect(core).toBeLessThanOrEqual(7_000);
  expect(hooks - core).toBeGreaterThan(200);
  expect(hooks - core).toBeLessThanOrEqual(2_500);
});
