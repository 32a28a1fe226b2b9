// What a browser must load before the dashboard shows anything, against its budget. Part of `npm run check`; the
// client's own budget is one of its tests.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Fault, root } from './run.mjs';

const folder = join(root, 'apps/dashboard/dist');
const budget = 220_000;

/** Sums the entry's JavaScript and all that it imports statically, gzipped. */
export function checkSizes() {
  const manifestFile = join(folder, '.vite/manifest.json');
  if (!existsSync(manifestFile))
    throw new Fault('apps/dashboard/dist/.vite/manifest.json is missing: build with manifest: true.');
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
  const entries = Object.keys(manifest).filter((key) => manifest[key].isEntry);
  const chunks = new Set();
  const visit = (key) => {
    if (chunks.has(key)) return;
    chunks.add(key);
    for (const next of manifest[key].imports ?? []) visit(next);
  };
  entries.forEach(visit);
  const files = [...new Set([...chunks].map((key) => manifest[key].file))].filter((file) => file.endsWith('.js'));
  const sizes = files.map((file) => ({ file, bytes: gzipSync(readFileSync(join(folder, file)), { level: 9 }).length }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (files.length === 0) throw new Fault('The dashboard has no entry script: expected one in its manifest.');
  if (total <= budget) return;
  const list = sizes.map(({ file, bytes }) => `${String(bytes).padStart(8)} ${file}`).join('\n');
  throw new Fault(`The dashboard's first JavaScript is ${total} bytes gzipped, the budget is ${budget}:\n${list}`);
}
